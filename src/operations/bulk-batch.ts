// Batches of a bulk operation: read as bytes in the order of _id, and named so that a write meets just them.
import { BSON, type Document, type FindCursor } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { filterOf } from '../models/plan.ts'
import { run } from '../runtime/execute.ts'
import { exactValue, rawId } from './raw-fields.ts'

/** Documents of one batch: their bytes, in the order of `_id`. */
export interface Batch {
  readonly stored: readonly Uint8Array[]
  readonly first: unknown
  readonly last: unknown
}

/** What a batch is read by. */
export interface BatchRequest {
  readonly filter: Document
  /** The `_id` behind which it begins. */
  readonly after?: unknown
  readonly limit: number
  /** The top-level fields to read; null for all. */
  readonly touched: readonly string[] | null
}

/** Bounds the memory of a batch whatever the size of its documents. */
export const MOST_BYTES = 12 * 1024 * 1024
const AT_ONCE = 1000
// More than any batch has: it comes with one answer, as far as that may be.
const WHOLE = 20_000

/** Reads the next batch; empty when there is nothing behind. */
export async function nextBatch(definition: ModelDefinition, request: BatchRequest): Promise<Batch> {
  const { after, filter } = request
  if (after === undefined) return batchOf(await read(definition, request, filter))
  const stored = await read(definition, request, filterOf({ filters: [filter, { _id: { $gt: after } }] }))
  if (stored.length > 0 || !(await hasOtherIds(definition, after))) return batchOf(stored)
  // A comparison ends where ids of another type begin; an expression does not.
  const further = { $expr: { $gt: ['$_id', { $literal: after }] } }
  return batchOf(await read(definition, request, filterOf({ filters: [filter, further] })))
}

/** Reads the documents of a filter in one go; for a batch that is known. */
export async function readBatch(
  definition: ModelDefinition,
  filter: Document,
  touched: BatchRequest['touched'],
): Promise<readonly Uint8Array[]> {
  return run(definition, { operation: 'find', filter }, async (collection, session) => {
    const options = { raw: true, batchSize: WHOLE, ...projected(touched), ...session }
    return buffered(collection.find(filter, options).sort({ _id: 1 }), Number.POSITIVE_INFINITY)
  })
}

/** Gives the filter of some documents of a batch: a range where that says it, else their ids. */
export function batchFilter(stored: readonly Uint8Array[], left: readonly Uint8Array[] = []): Document {
  const [first, last] = [rawId(stored[0]!), rawId(stored.at(-1)!)]
  if (bracketOf(first) !== bracketOf(last)) return { _id: { $in: stored.map(idOf) } }
  const range = { $gte: exactValue(first), $lte: exactValue(last) }
  return { _id: left.length > 0 ? { ...range, $nin: left.map(bytes => exactValue(rawId(bytes))) } : range }
}

/** Gives the `_id` of a stored document with its BSON type, as a filter takes it. */
export function idOf(bytes: Uint8Array): unknown {
  return exactValue(rawId(bytes))
}

async function read(
  definition: ModelDefinition,
  { limit, touched }: BatchRequest,
  filter: Document,
): Promise<readonly Uint8Array[]> {
  return run(definition, { operation: 'find', filter }, async (collection, session) => {
    const options = { raw: true, limit, batchSize: Math.min(limit + 1, AT_ONCE), ...projected(touched), ...session }
    return buffered(collection.find(filter, options).sort({ _id: 1 }), MOST_BYTES)
  })
}

// Takes what a cursor gives until it is so many bytes.
async function buffered(cursor: FindCursor<Document>, most: number): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  try {
    for (let size = 0; size < most && (await cursor.hasNext()); ) {
      const some = cursor.readBufferedDocuments() as unknown as Uint8Array[]
      for (const bytes of some) size += bytes.length
      found.push(...some)
    }
    return found
  } finally {
    await cursor.close()
  }
}

async function hasOtherIds(definition: ModelDefinition, after: unknown): Promise<boolean> {
  const [last] = await run(
    definition,
    { operation: 'find', filter: {} },
    async (collection, session) =>
      (await collection
        .find({}, { raw: true, projection: { _id: 1 }, ...session })
        .sort({ _id: -1 })
        .limit(1)
        .toArray()) as unknown as Uint8Array[],
  )
  if (!last) return false
  return bracketOf(rawId(last)) !== bracketOf(rawId(BSON.serialize({ _id: after })))
}

function batchOf(stored: readonly Uint8Array[]): Batch {
  const [first, last] = [stored[0], stored.at(-1)]
  return { stored, first: first && exactValue(rawId(first)), last: last && exactValue(rawId(last)) }
}

/** Limits what is read to the `_id` and some top-level fields. */
export function projected(touched: BatchRequest['touched']) {
  return touched ? { projection: Object.fromEntries([...touched, '_id'].map(name => [name, 1])) } : {}
}

const numbers = new Set([1, 16, 18, 19])

// Values of one bracket are compared with each other; all numbers are one.
function bracketOf(field: Uint8Array): number {
  const type = field[0] ?? 0
  return numbers.has(type) ? 1 : type
}
