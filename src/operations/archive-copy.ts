// Copies documents into a collection: the server merges them, or they go through this process where that is slow.
import { BSON, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { filterOf } from '../models/plan.ts'
import { collectionOf, run } from '../runtime/execute.ts'
import { eachStored, exactly } from './archive-bytes.ts'
import { insertExactly } from './archive-insert.ts'

/** A batch of documents to be copied. */
export interface CopyBatch {
  readonly number: number
  readonly ids: readonly unknown[]
  /** The keys of these ids, in their order. */
  readonly keys: readonly string[]
  /** Finds them where they are; those that no longer match are not copied. */
  readonly filter: Document
}

/** Milliseconds that a document took the last time, each way. */
export interface Paces {
  merge?: number
  carry?: number
}

/** Gives what copies the batches of a run, each the way that has been the quicker one. */
export function copierOf(
  source: ModelDefinition,
  target: ModelDefinition,
  paces: Paces = {},
): (batch: CopyBatch) => Promise<void> {
  if (target.connection !== source.connection)
    return async batch => void (await carry(source, target, filterFor(batch)))
  return async batch => {
    const way = quickerWay(paces)
    const began = performance.now()
    await (way === 'merge' ? merge : carryWhole)(source, target, batch)
    paces[way] = (performance.now() - began) / Math.max(batch.ids.length, FEW)
  }
}

// Of fewer documents it says little how long they took.
const FEW = 200

// Milliseconds: some servers look through the whole archive for each document that they merge, until they know its size.
const SLOW = 0.1

/** Says how to copy: by the server unless it was slow and the other way is not known to be slower still. */
export function quickerWay({ merge, carry }: Paces): keyof Paces {
  if (merge === undefined || merge < SLOW) return 'merge'
  return carry === undefined || carry < merge ? 'carry' : 'merge'
}

async function merge(source: ModelDefinition, target: ModelDefinition, batch: CopyBatch): Promise<void> {
  const { namespace } = await collectionOf(target)
  const dot = namespace.indexOf('.')
  const into = { db: namespace.slice(0, dot), coll: namespace.slice(dot + 1) }
  const filter = filterFor(batch)
  const stages = [
    { $match: filter },
    { $merge: { into, on: '_id', whenMatched: 'keepExisting', whenNotMatched: 'insert' } },
  ]
  try {
    await run(source, { operation: 'archive', filter }, collection =>
      collection.aggregate(stages, { hint: '_id_', writeConcern: { w: 'majority' } }).toArray(),
    )
  } catch (error) {
    // A unique index of the archive: one by one, only those that clash stay.
    if (!isDuplicate(error)) throw error
    await carry(source, target, filter)
  }
}

// What the driver cannot send as it is stored, the server still copies.
async function carryWhole(source: ModelDefinition, target: ModelDefinition, batch: CopyBatch): Promise<void> {
  const left = await carry(source, target, filterFor(batch))
  if (left.length > 0) await merge(source, target, { ...batch, ids: left })
}

/** Gives the ids of those that could not be sent. */
async function carry(source: ModelDefinition, target: ModelDefinition, filter: Document): Promise<readonly unknown[]> {
  const left = await insertExactly(target, async each => eachStored(source, filter, each))
  return left.map(bytes => BSON.deserialize(bytes, exactly)._id)
}

/** Gives the filter that finds the documents of a batch. */
export function filterFor({ ids, filter }: CopyBatch): Document {
  return filterOf({ filters: [{ _id: { $in: ids } }, filter] })
}

function isDuplicate(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  return code === 11000 || code === 'DUPLICATE_KEY' || cause?.code === 11000
}
