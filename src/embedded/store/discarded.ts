// Removes the documents and index entries of dropped collections and indexes, a few at a time.

import type { Data } from './data.ts'
import type { Store } from './store.ts'

const AT_ONCE = 2000
const FIRST_BYTES = { from: Buffer.from('g'), to: Buffer.from('h') }

/** Works until nothing is left; each step is a write of its own, so that others get in between. */
export async function removeDiscarded(store: Store): Promise<void> {
  while (hasDiscarded(store.data)) await store.write(removeSome)
}

function hasDiscarded(data: Data): boolean {
  for (const _ of data.meta.range(FIRST_BYTES)) return true
  return false
}

function removeSome(data: Data): void {
  const found = [...data.meta.range(FIRST_BYTES)].map(({ key }) => key)
  let left = AT_ONCE
  for (const key of found) {
    const id = key.readUInt32BE(2)
    left -= key[1] === 'd'.charCodeAt(0) ? removeDocuments(data, id, left) : removeEntries(data, id, left)
    if (left <= 0) return
    data.meta.remove(key)
  }
}

function removeDocuments(data: Data, collection: number, limit: number): number {
  const records: number[] = []
  for (const { record } of data.documents.range(collection, {})) {
    if (records.length >= limit) break
    records.push(record)
  }
  for (const record of records) data.documents.remove(collection, record)
  return records.length
}

function removeEntries(data: Data, index: number, limit: number): number {
  const keys: Buffer[] = []
  const [from, to] = [Buffer.alloc(4), Buffer.alloc(4)]
  from.writeUInt32BE(index)
  to.writeUInt32BE(index + 1)
  for (const { key } of data.entries.range({ from, to })) {
    if (keys.length >= limit) break
    keys.push(key)
  }
  for (const key of keys) data.entries.remove(key)
  return keys.length
}
