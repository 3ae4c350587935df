// A sample of what a plan would do: the server's own result, seen in a transaction that is given up, or computed.
import { BSON, type Document } from 'mongodb'
import type { BulkPlan, PlannedChange } from '../models/bulk-plan.ts'
import { filterOf } from '../models/plan.ts'
import { changesBetween } from '../runtime/changes.ts'
import { storedFrom } from '../runtime/codec.ts'
import { hasTransactions } from '../runtime/connection.ts'
import { hydrate, type RuntimeModel } from '../runtime/document.ts'
import { run as send } from '../runtime/execute.ts'
import { issuesOf } from '../runtime/fit.ts'
import { maskerOf } from '../runtime/mask.ts'
import { transaction } from '../runtime/transaction.ts'
import { readBatch } from './bulk-batch.ts'
import { type BulkChange, constantsOf, sentNow } from './bulk-change.ts'
import { idKey } from './raw-fields.ts'

/** What is sampled. */
export interface SampleRequest {
  readonly model: RuntimeModel
  readonly filter: Document
  readonly change: BulkChange
  readonly ids: readonly unknown[]
}

const SHOWN = 20

/** Gives the changes of sampled documents, and whether they fit their model afterwards; nothing is changed. */
export async function samplePlan(request: SampleRequest): Promise<Pick<BulkPlan, 'sample' | 'schema'>> {
  const { model, change, ids } = request
  const nothing = { sample: [], schema: { checked: 0, valid: 0, issues: [] } }
  if (ids.length === 0) return nothing
  const before = await readBatch(model.definition, { _id: { $in: ids } }, null)
  if (change.action === 'remove')
    return { ...nothing, sample: before.slice(0, SHOWN).map(bytes => ({ _id: storedFrom(bytes)._id, changes: [] })) }
  const after = await afterOf(request, before)
  if (!after)
    return {
      ...nothing,
      schema: { checked: 0, valid: 0, issues: ['this server has no transactions to try the change in'] },
    }
  const pairs = before.flatMap(bytes => {
    const now = after.get(idKey(bytes))
    return now ? [{ before: bytes, after: now }] : []
  })
  const sample = pairs
    .slice(0, SHOWN)
    .map(pair => ({ _id: storedFrom(pair.before)._id, changes: changesOf(model, pair) }))
  return { sample, schema: await fitOf(model, pairs) }
}

interface Pair {
  readonly before: Uint8Array
  readonly after: Uint8Array
}

async function afterOf(
  request: SampleRequest,
  before: readonly Uint8Array[],
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const { definition } = request.model
  const update = sentNow(definition, request.change)
  const constants = constantsOf(update)
  if (constants)
    return new Map(
      before.map(bytes => [idKey(bytes), BSON.serialize(merged(bytes, constants), { ignoreUndefined: true })]),
    )
  if (!(await hasTransactions(definition.connection))) return undefined
  return tried(request, update)
}

function merged(
  bytes: Uint8Array,
  { set, unset }: { readonly set: Document; readonly unset: readonly string[] },
): Document {
  const now = { ...storedFrom(bytes), ...set }
  for (const name of unset) delete now[name]
  return now
}

class GivenUp extends Error {}

// The server alone knows what its operators give, so it does the change, shows it, and takes it back.
async function tried({ model, filter, ids }: SampleRequest, update: object): Promise<ReadonlyMap<string, Uint8Array>> {
  const { definition } = model
  const found = new Map<string, Uint8Array>()
  const among = { _id: { $in: [...ids] } }
  const both = filterOf({ filters: [filter, among] })
  try {
    await transaction(
      async () => {
        await send(definition, { operation: 'updateMany', filter: both }, (collection, session) =>
          collection.updateMany(both, update, session),
        )
        for (const bytes of await readBatch(definition, among, null)) found.set(idKey(bytes), Buffer.from(bytes))
        throw new GivenUp()
      },
      { connection: definition.connection },
    )
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error
  }
  return found
}

function changesOf({ definition }: RuntimeModel, { before, after }: Pair): readonly PlannedChange[] {
  const [old, now] = [storedFrom(before), storedFrom(after)]
  const mask = maskerOf(definition)
  const names = new Set([...Object.keys(old), ...Object.keys(now)])
  const shown = (path: string, value: unknown) => (value === undefined ? undefined : mask(path, value))
  return [...changesBetween(old, now, names).paths].map(([path, { from, to }]) => ({
    path,
    from: shown(path, from),
    to: shown(path, to),
  }))
}

async function fitOf(model: RuntimeModel, pairs: readonly Pair[]): Promise<BulkPlan['schema']> {
  const issues = new Set<string>()
  let valid = 0
  for (const { after } of pairs) {
    const found = await issuesOf(hydrate(model, after))
    if (found.length === 0) valid++
    for (const { path, message } of found) issues.add(`${path}: ${message}`)
  }
  return { checked: pairs.length, valid, issues: [...issues].slice(0, 5) }
}
