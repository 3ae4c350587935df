// Removes documents for good, in batches: what is old enough and found by a filter, each of them audited.
import { Binary, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import { hasTransactions } from '../runtime/connection.ts'
import { auditContext } from '../runtime/context.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { eachStored, keyOf } from './archive-bytes.ts'
import { deleteUnchanged, together } from './archive-delete.ts'
import { type Walk, type WalkOrder, walkOf } from './archive-walk.ts'
import { type Selection, selectionOf } from './retention.ts'
import { startRun } from './run.ts'
import type { RunRequest } from './run-document.ts'
import type { RunControls, RunEnding, Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** Purges what a selection finds, to the end or to where it is stopped. */
export async function purge(
  selection: Selection,
  asked: Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'> = {},
  controls: RunControls = {},
): Promise<RunEnding> {
  const { definition } = selection
  const { filter, order, total, text } = await selectionOf(selection, asked.limits?.maxDocs, 'purge')
  const request: RunRequest = {
    kind: 'purge',
    model: definition.name,
    connection: definition.connection,
    summary: `purge ${definition.name}${text}`,
    filter,
    parameters: { order },
    total,
    ...asked,
  }
  return work(await startRun(request, controls), definition)
}

/** Goes on with a run that was stopped, or died. */
export async function resumePurge(run: Run): Promise<RunEnding> {
  return work(run, (modelNamed(run.model ?? '').model as RuntimeModel).definition)
}

async function work(run: Run, definition: ModelDefinition): Promise<RunEnding> {
  const { order } = run.parameters<{ readonly order: WalkOrder }>()
  const walk = walkOf({ definition, filter: run.filter, order })
  const places = new WeakMap<object, Uint8Array>()
  try {
    return await run.walk(async checkpoint => {
      const at = checkpoint as { readonly key: Binary } | null
      const behind = at ? (places.get(at) ?? new Uint8Array(at.key.buffer)) : undefined
      try {
        const step = await purgeBatch({ run, definition, walk }, behind)
        if (!step) return { checkpoint, done: true }
        places.set(step.next, step.place)
        return step.step
      } catch (error) {
        await walk.close()
        throw error
      }
    })
  } finally {
    await walk.close()
  }
}

interface PurgeJob {
  readonly run: Run
  readonly definition: ModelDefinition
  readonly walk: Walk
}

async function purgeBatch({ run, definition, walk }: PurgeJob, behind: Uint8Array | undefined) {
  const found = await run.time('find', () => walk.next(behind, run.limits.batch))
  const place = found.at(-1)?.place
  if (!place) return undefined
  const next = { key: new Binary(place) }
  const remove = async (): Promise<Step> => {
    const bytes = await bytesOf(definition, run.filter, found)
    const keys = new Set(bytes.map(keyOf))
    const entries = found.filter(({ key }) => keys.has(key))
    const remaining = await deleteUnchanged(definition, run.filter, entries, { bytes })
    const deleted = entries.length - remaining.size
    const kept = found.length - deleted
    const counted = { matched: found.length, deleted, ...(kept > 0 ? { changed: kept } : {}) }
    const step: Step = { checkpoint: next, counted, isKept: true }
    await run.keep(step)
    return step
  }
  const step = await run.time('delete', () => auditContext.run({ via: 'purge' }, () => together(definition, remove)))
  return { step, next, place }
}

// Read whole only for the audit, or where each delete is guarded by what was read.
async function bytesOf(
  definition: ModelDefinition,
  filter: Document,
  found: readonly { readonly id: unknown }[],
): Promise<readonly Uint8Array[]> {
  const bytes: Uint8Array[] = []
  const isWhole = settingsOf(definition).audit || !(await hasTransactions(definition.connection))
  const options = isWhole ? {} : { projection: { _id: 1 } }
  const narrowed = { $and: [{ _id: { $in: found.map(({ id }) => id) } }, filter] }
  await eachStored(definition, narrowed, one => void bytes.push(one), options)
  return bytes
}
