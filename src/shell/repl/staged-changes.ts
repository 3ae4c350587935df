// What staged writes would change: every document before and after, found by a replay that is taken back.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ClientSession, Document } from 'mongodb'
import type { ModelDefinition } from '../../models/definition.ts'
import { idOf } from '../../operations/bulk-batch.ts'
import { idKey, isSameRaw } from '../../operations/raw-fields.ts'
import { AUDIT_COLLECTION } from '../../runtime/audit-log.ts'
import { changesBetween } from '../../runtime/changes.ts'
import { storedFrom } from '../../runtime/codec.ts'
import { maskerOf } from '../../runtime/mask.ts'
import type { Answer, Row } from '../answer.ts'
import { usage } from '../flags.ts'
import type { LoadedModel } from '../models.ts'
import type { Desk } from './desk.ts'
import { type Effect, effectOf, type StagedWrite } from './sandbox.ts'

/** One document that staged writes change. */
export interface StagedChange {
  readonly line: number
  readonly database: string
  readonly collection: string
  /** What is the same for no other document of the collection. */
  readonly key: string
  /** As it is stored before and after; undefined where it is not there. */
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

/** A sandbox is for trying: more documents than this are not held in memory. */
const most = 10_000

/** Answers before and after of staged lines: of all, or of one. What is shown is what a commit may write. */
export async function stagedChanges(desk: Desk, which: string): Promise<Answer> {
  const { changes, moved } = await changesOf(desk, which)
  for (const { write, effect } of moved) write.effect = effect
  if (which === '') desk.session.sandbox.show(digestOf(changes))
  const columns = ['line', 'model', '_id', 'path', 'from', 'to'].map(path => ({
    path,
    head: path.replace('_', '').toUpperCase(),
  }))
  const rows = changes.flatMap(change => rowsOf(change, desk))
  const documents = new Set(changes.map(change => `${change.collection} ${change.key}`)).size
  const said = `${documents} ${documents === 1 ? 'document' : 'documents'} · nothing written`
  return { kind: 'rows', columns, rows, empty: 'nothing is staged', footer: () => (rows.length > 0 ? [said] : []) }
}

/** What staged lines change now. */
export interface StagedChanges {
  readonly changes: readonly StagedChange[]
  /** Writes that do something else now than they did when they were typed, or last shown. */
  readonly moved: readonly MovedWrite[]
}

/** A staged write that does something else by now. */
export interface MovedWrite {
  readonly line: number
  readonly write: StagedWrite
  readonly effect: Effect
}

/** Finds what the staged lines change. */
export async function changesOf(desk: Desk, which = ''): Promise<StagedChanges> {
  const { sandbox } = desk.session
  const number = Number(which)
  if (which !== '' && !sandbox.lines.some(line => line.number === number))
    throw usage(
      `no staged line ${which}`,
      sandbox.lines.length > 0 ? `.diff ${sandbox.lines.at(-1)?.number}` : 'write something first',
    )
  const changes: StagedChange[] = []
  const moved: MovedWrite[] = []
  for (const { number: line } of sandbox.lines.filter(candidate => which === '' || candidate.number === number))
    await sandbox.inspect(line, async (write, send, session) => {
      const found = await changesBy(line, write, { desk, send, session })
      changes.push(...found.changes)
      if (!isDeepStrictEqual(found.effect, write.effect)) moved.push({ line, write, effect: found.effect })
    })
  return { changes: changes.filter(change => change.collection !== AUDIT_COLLECTION), moved }
}

/** Sums up which documents change, as they are before: what a line makes of them may be the time of day. */
export function digestOf(changes: readonly StagedChange[]): string {
  const first = new Map<string, Uint8Array>()
  for (const { database, collection, key, before = new Uint8Array() } of changes) {
    const place = `${database} ${collection} ${key}`
    if (!first.has(place)) first.set(place, before)
  }
  const hash = createHash('sha256')
  for (const [place, before] of first) hash.update(`${place} ${before.length} `).update(before)
  return hash.digest('hex')
}

interface Means {
  readonly desk: Desk
  readonly session: ClientSession
  send(): Promise<Document>
}

async function changesBy(
  line: number,
  write: StagedWrite,
  { desk, send, session }: Means,
): Promise<{ readonly changes: readonly StagedChange[]; readonly effect: Effect }> {
  const collection = desk.session.connection.client.db(write.database).collection(write.collection)
  const find = async (filter: Document) =>
    (await collection
      .find(filter, { session, raw: true })
      .limit(most + 1)
      .toArray()) as unknown as readonly Uint8Array[]
  // One after the other: a session takes one command at a time.
  const before = new Map<string, Uint8Array>()
  for (const filter of filtersOf(write)) for (const bytes of await find(filter)) before.set(idKey(bytes), bytes)
  const reply = await send()
  const ids: readonly unknown[] = [...[...before.values()].map(idOf), ...createdBy(write, reply)]
  if (ids.length > most)
    throw usage(`a staged line changes more than ${most} documents`, 'plan it: goose bulk update … --dry-run')
  const after = new Map((await find({ _id: { $in: ids as never[] } })).map(bytes => [idKey(bytes), bytes]))
  const place = { line, database: write.database, collection: write.collection }
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .map(key => ({ ...place, key, before: before.get(key), after: after.get(key) }))
    .filter(change => !isSameRaw(change.before, change.after))
  return { changes, effect: effectOf(reply) }
}

/** Gives the filters of what a write may change. */
function filtersOf({ name, body }: StagedWrite): readonly Document[] {
  if (name === 'findAndModify') return [body.query ?? {}]
  const statements = (body.updates ?? body.deletes ?? []) as readonly Document[]
  return statements.map(statement => statement.q as Document)
}

function createdBy({ name, body }: StagedWrite, reply: Document): readonly unknown[] {
  if (name === 'insert') return (body.documents as readonly Document[]).map(document => document._id)
  if (name === 'findAndModify')
    return reply.lastErrorObject?.upserted === undefined ? [] : [reply.lastErrorObject.upserted]
  return ((reply.upserted ?? []) as readonly Document[]).map(upserted => upserted._id)
}

function rowsOf({ line, collection, ...change }: StagedChange, { models }: Desk): readonly Row[] {
  const loaded = modelOfCollection(models, collection)
  const [before, after] = [change.before, change.after].map(bytes => bytes && storedFrom(bytes))
  const { _id } = (after ?? before)!
  const shown = { line, model: loaded?.name ?? collection, _id }
  if (!before || !after)
    return [
      {
        ...shown,
        path: before ? '(deleted)' : '(created)',
        from: '',
        to: textOf(loaded?.model.definition, after ?? before),
      },
    ]
  const { paths } = changesBetween(before, after, new Set([...Object.keys(before), ...Object.keys(after)]))
  const mask = loaded ? maskerOf(loaded.model.definition) : (_: string, value: unknown) => value
  return [...paths].map(([path, { from, to }]) => ({ ...shown, path, from: mask(path, from), to: mask(path, to) }))
}

/** Finds the model that a collection belongs to; of a family of variants, the one that all are variants of. */
export function modelOfCollection(models: readonly LoadedModel[], collection: string): LoadedModel | undefined {
  const own = models.filter(candidate => candidate.description.collection === collection)
  return own.find(({ model }) => !model.definition.variant) ?? own[0]
}

function textOf(definition: ModelDefinition | undefined, document: Document | undefined): Document {
  const mask = definition ? maskerOf(definition) : (_: string, value: unknown) => value
  return Object.fromEntries(
    Object.entries(document ?? {})
      .filter(([name]) => name !== '_id')
      .map(([name, value]) => [name, mask(name, value)]),
  )
}
