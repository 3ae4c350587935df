// Changes of many documents, a batch at a time: each batch is recorded as its documents were at that very moment.
import { BSON } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { recordedLater } from './audit.ts'
import type { Recording } from './audit-entry.ts'
import { isEqualStored, type Stored, storedFrom } from './codec.ts'
import { readAll, readByIds } from './execute.ts'

const BATCH = 500

/** Walks the documents of a plan by their ids, in batches; each is asked for before it is changed. */
export async function inBatches(
  definition: ModelDefinition,
  plan: Plan,
  act: (ids: readonly unknown[]) => Promise<void>,
): Promise<void> {
  let bound: Readonly<Record<string, unknown>> = {}
  let last: unknown
  for (;;) {
    const further = { ...plan, filters: [...plan.filters, bound], sort: [['_id', 1]], limit: BATCH } as const
    const ids = idsIn(await readAll(definition, { ...further, select: ['_id'], populate: [] }))
    if (ids.length > 0) await act(ids)
    last = ids.at(-1) ?? last
    if (ids.length === BATCH) bound = { _id: { $gt: last } }
    // A comparison ends where ids of another type begin; an expression does not.
    else if ('_id' in bound) bound = { $expr: { $gt: ['$_id', { $literal: last }] } }
    else return
  }
}

/** Gives the ids of stored documents. */
export function idsIn(stored: readonly Uint8Array[]): readonly unknown[] {
  return stored.map(bytes => storedFrom(bytes)._id)
}

/** What is changed together, and as what it is recorded. */
export interface Batch {
  readonly plan: Plan
  readonly ids: readonly unknown[]
  readonly operation: Recording['operation']
}

/** Changes one batch. Where the model is audited, what it was and has become is read with it and recorded. */
export async function changeBatch<T>(
  definition: ModelDefinition,
  { plan, ids, operation }: Batch,
  write: (plan: Plan) => Promise<T>,
): Promise<T> {
  const own = batchPlan(plan, ids)
  if (!settingsOf(definition).audit) return write(own)
  const recording = async () => {
    const before = (await readAll(definition, own)).map(storedFrom)
    const result = await write(own)
    const after = new Map((await readByIds(definition, ids)).map(bytes => withId(storedFrom(bytes))))
    return { result, recordings: before.flatMap(stored => recordingOf(operation, stored, after)) }
  }
  return recordedLater(definition, recording, { ids, operation })
}

function recordingOf(operation: Recording['operation'], before: Stored, now: ReadonlyMap<string, Stored>): Recording[] {
  const after = now.get(idText(before._id))
  // Only a delete has made it go; without transactions, somebody else may have.
  if (after === undefined)
    return operation === 'delete' ? [{ operation, documentId: before._id, before, after: {} }] : []
  return isEqualStored(before, after) ? [] : [{ operation, documentId: before._id, before, after }]
}

function batchPlan(plan: Plan, ids: readonly unknown[]): Plan {
  return { ...plan, filters: [...plan.filters, { _id: { $in: ids } }], sort: [], select: [], populate: [] }
}

function withId(stored: Stored): readonly [string, Stored] {
  return [idText(stored._id), stored]
}

function idText(id: unknown): string {
  return BSON.EJSON.stringify({ id }, { relaxed: false })
}
