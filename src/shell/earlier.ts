// One document as it was at a time, or after a number of changes, from the audit.
import { DocumentNotFound } from '../errors.ts'
import { settingsOf } from '../models/settings.ts'
import { type PastState, pastOf } from '../runtime/past.ts'
import type { Answer, Row } from './answer.ts'
import { timeOfFlag } from './flags.ts'
import { storedId } from './ids.ts'
import type { LoadedModel } from './models.ts'
import { pathsOf } from './question.ts'

/** Which state is asked for, and how much of it. */
export interface EarlierFlags {
  readonly at?: string | undefined
  readonly version?: number | undefined
  readonly select?: string | undefined
  readonly deleted?: 'exclude' | 'include' | 'only' | undefined
}

/** Answers an earlier state of a document. Throws `DocumentNotFound` when there was none. */
export async function getEarlier(loaded: LoadedModel, id: string, flags: EarlierFlags): Promise<Answer> {
  const { definition } = loaded.model
  const wanted = wantedState(loaded, flags)
  const found = await firstOf(pastOf(definition, await storedId(loaded, id)), wanted.fits)
  const notFound = (why: string) => new DocumentNotFound({ model: loaded.name, id: `_id ${id} ${wanted.text}${why}` })
  if (!found.state) throw notFound(wantedHint(found.earliest))
  if (!found.state.stored) throw notFound(': it was deleted before')
  const { softDelete } = settingsOf(definition)
  const isDeleted = softDelete !== undefined && (found.state.stored[softDelete.field] ?? null) !== null
  if (isDeleted && (flags.deleted ?? 'exclude') === 'exclude')
    throw notFound(': it was deleted then (--deleted include shows it)')
  if (!isDeleted && flags.deleted === 'only') throw notFound(': it was not deleted then')
  const document = selected(found.state.stored, pathsOf(flags.select ?? ''))
  const columns = Object.keys(document).map(path => ({ path, head: path }))
  return { kind: 'document', document, columns, footer: () => [said(found.state as PastState)] }
}

interface Wanted {
  readonly text: string
  fits(state: PastState): boolean
}

function wantedState({ name, model }: LoadedModel, { at, version }: EarlierFlags): Wanted {
  if (at !== undefined) {
    const time = timeOfFlag(at, 'at')
    return { text: `at ${time.toISOString()}`, fits: ({ entry }) => entry.at.getTime() <= time.getTime() }
  }
  const counter = settingsOf(model.definition).version
  const text = `in version ${version} of ${name}`
  // Where documents count their own versions, people know them by that number.
  return { text, fits: ({ number, stored }) => (counter ? Number(stored?.[counter]) === version : number === version) }
}

async function firstOf(states: AsyncIterable<PastState>, fits: Wanted['fits']) {
  let earliest: PastState | undefined
  for await (const state of states) {
    if (fits(state)) return { state, earliest }
    earliest = state
  }
  return { state: undefined, earliest }
}

function wantedHint(earliest: PastState | undefined): string {
  if (!earliest) return ': the audit knows nothing of it'
  const { at, operation } = earliest.entry
  return operation === 'insert' ? `: it was created ${at.toISOString()}` : `: its audit begins ${at.toISOString()}`
}

function selected(stored: Row, paths: readonly string[]): Row {
  const wanted = paths.filter(path => !path.startsWith('-')).map(path => path.split('.')[0])
  const unwanted = new Set(paths.filter(path => path.startsWith('-')).map(path => path.slice(1)))
  const entries = Object.entries(stored).filter(
    ([name]) => !unwanted.has(name) && (wanted.length === 0 || name === '_id' || wanted.includes(name)),
  )
  return Object.fromEntries(entries)
}

function said({ entry, number }: PastState): string {
  const by = entry.by.userId === undefined ? '' : ` by ${String(entry.by.userId)}`
  return `version ${number}: ${entry.operation} ${entry.at.toISOString()}${by} · ${entry.op}`
}
