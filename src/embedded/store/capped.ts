// Keeps a capped collection within its size: counts what it holds, and finds what must go.
import { type NumberValue, toDouble } from '../values/numbers.ts'
import type { Collection } from './catalog.ts'
import { copyOf, type Data } from './data.ts'

export interface Limits {
  readonly bytes: number
  readonly documents: number
}

/** Gives the limits of a capped collection; undefined for others. */
export function limitsOf({ options }: Pick<Collection, 'options'>): Limits | undefined {
  if (options?.get('capped') !== true) return undefined
  const max = options.get('max') as NumberValue | undefined
  return {
    bytes: toDouble(options.get('size') as NumberValue),
    documents: max === undefined ? Number.POSITIVE_INFINITY : toDouble(max),
  }
}

/** Changes what is known of the collection's size. */
export function note(
  data: Data,
  collection: Collection,
  change: { readonly documents: number; readonly bytes: number },
): void {
  const known = sizeOf(data, collection, change)
  put(data, collection, known)
}

/** Gives the oldest documents, which a collection must lose to be within its limits again. */
export function excessOf(data: Data, collection: Collection, limits: Limits): { record: number; bytes: Buffer }[] {
  const { documents, bytes } = sizeOf(data, collection, { documents: 0, bytes: 0 })
  let [count, size] = [documents, bytes]
  if (count <= limits.documents && size <= limits.bytes) return []
  const excess: { record: number; bytes: Buffer }[] = []
  for (const found of data.documents.range(collection.id, {})) {
    if ((count <= limits.documents && size <= limits.bytes) || count <= 1) break
    excess.push({ record: found.record, bytes: copyOf(found.bytes) })
    count--
    size -= found.bytes.length
  }
  return excess
}

/** What is stored with a collection that became capped is counted once. */
function sizeOf(data: Data, collection: Collection, change: { readonly documents: number; readonly bytes: number }) {
  const known = data.meta.get(keyOf(collection))
  if (known)
    return {
      documents: known.readUInt32BE(0) + change.documents,
      bytes: Number(known.readBigUInt64BE(4)) + change.bytes,
    }
  const counted = { documents: 0, bytes: 0 }
  for (const { bytes } of data.documents.range(collection.id, {})) {
    counted.documents++
    counted.bytes += bytes.length
  }
  return counted
}

function put(data: Data, collection: Collection, { documents, bytes }: { documents: number; bytes: number }): void {
  const value = Buffer.alloc(12)
  value.writeUInt32BE(Math.max(0, documents), 0)
  value.writeBigUInt64BE(BigInt(Math.max(0, bytes)), 4)
  data.meta.put(keyOf(collection), value)
}

/** Forgets the size of a collection that is dropped. */
export function forget(data: Data, collection: Collection): void {
  if (collection.options.get('capped') === true) data.meta.remove(keyOf(collection))
}

function keyOf({ id }: Collection): Buffer {
  const key = Buffer.alloc(5, 's')
  key.writeUInt32BE(id, 1)
  return key
}
