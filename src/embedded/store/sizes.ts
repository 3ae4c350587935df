// Measures a collection by what its documents and index entries take.
import type { Collection } from './catalog.ts'
import type { Data } from './data.ts'
import { entriesOf } from './index-entries.ts'

export interface Sizes {
  readonly documents: number
  readonly bytes: number
  /** bytes by index name */
  readonly indexes: Readonly<Record<string, number>>
}

export function sizesOf(data: Data, collection: Collection | undefined): Sizes {
  if (!collection) return { documents: 0, bytes: 0, indexes: {} }
  let [documents, bytes] = [0, 0]
  for (const found of data.documents.range(collection.id, {})) {
    documents++
    bytes += found.bytes.readInt32LE(0)
  }
  const indexes: Record<string, number> = {}
  for (const index of collection.indexes) {
    let size = 0
    for (const { key, value } of entriesOf(data, index)) size += key.length + value.length
    indexes[index.name] = size
  }
  return { documents, bytes, indexes }
}
