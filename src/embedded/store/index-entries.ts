// Lays out index entries: the index, the key of the document, and where the document lies.

import type { Index } from './catalog.ts'
import { type Data, type Entry, RECORD_BYTES, recordAt, recordBytes } from './data.ts'

/** What an entry has where its key says everything. */
export const NO_VALUE = Buffer.from([0])

export interface KeyRange {
  readonly from: Buffer
  readonly to: Buffer
}

export function putEntry(
  data: Data,
  index: Index,
  { key, record }: { readonly key: Buffer; readonly record: number },
): void {
  if (index.unique) data.entries.put(uniqueKey(index, key), recordBytes(record))
  else data.entries.put(recordKey(index, key, record), NO_VALUE)
}

/** Puts the entry of a unique index, unless another document holds the key; says whether it did. */
export function addUniqueEntry(
  data: Data,
  index: Index,
  { key, record }: { readonly key: Buffer; readonly record: number },
): boolean {
  return data.entries.add(uniqueKey(index, key), recordBytes(record))
}

export function removeEntry(
  data: Data,
  index: Index,
  { key, record }: { readonly key: Buffer; readonly record: number },
): void {
  data.entries.remove(index.unique ? uniqueKey(index, key) : recordKey(index, key, record))
}

/** Finds the document that holds a key of a unique index. */
export function holderOf(data: Data, index: Index, key: Buffer): number | undefined {
  const value = data.entries.get(uniqueKey(index, key))
  return value && recordAt(value, RECORD_BYTES)
}

/** Tells whether any document holds a key. */
export function isHeld(data: Data, index: Index, key: Buffer): boolean {
  if (index.unique) return holderOf(data, index, key) !== undefined
  const from = uniqueKey(index, key)
  const to = Buffer.concat([from, Buffer.alloc(RECORD_BYTES + 1, 0xff)])
  for (const entry of data.entries.range({ from, to })) if (entry.key.length === from.length + RECORD_BYTES) return true
  return false
}

/** Tells whether the entry of a document's key is there. */
export function hasEntry(
  data: Data,
  index: Index,
  { key, record }: { readonly key: Buffer; readonly record: number },
): boolean {
  if (index.unique) return holderOf(data, index, key) === record
  return data.entries.get(recordKey(index, key, record)) !== undefined
}

/** Gives the bounds of a range of keys inside the table of all indexes. */
export function boundsIn(index: Index, { from, to }: KeyRange): KeyRange {
  return { from: uniqueKey(index, from), to: uniqueKey(index, to) }
}

/** Gives the bounds of all entries of an index. */
function everythingIn(index: Index): KeyRange {
  const [from, to] = [Buffer.alloc(4), Buffer.alloc(4)]
  from.writeUInt32BE(index.id)
  to.writeUInt32BE(index.id + 1)
  return { from, to }
}

/** Gives the record that an entry of an index points to. */
export function recordOf(index: Index, key: Buffer, value: Buffer): number {
  return index.unique ? recordAt(value, RECORD_BYTES) : recordAt(key, key.length)
}

/** Gives the encoded values of an entry, without index and record. */
export function keyOf(index: Index, key: Buffer): Buffer {
  return key.subarray(4, index.unique ? key.length : key.length - RECORD_BYTES)
}

function uniqueKey(index: Index, key: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(4 + key.length)
  bytes.writeUInt32BE(index.id)
  bytes.set(key, 4)
  return bytes
}

function recordKey(index: Index, key: Buffer, record: number): Buffer {
  const bytes = Buffer.allocUnsafe(4 + key.length + RECORD_BYTES)
  bytes.writeUInt32BE(index.id)
  bytes.set(key, 4)
  bytes.writeUIntBE(record, 4 + key.length, RECORD_BYTES)
  return bytes
}

/** Gives all entries of an index. */
export function entriesOf(data: Data, index: Index): Iterable<Entry> {
  return data.entries.range(everythingIn(index))
}
