// Checks that documents are well-formed and that indexes hold their keys and no others.

import { validateDocument } from '../bson/validation.ts'
import { indexKeys } from '../keys/index-keys.ts'
import type { Collection, Index } from './catalog.ts'
import { copyOf, type Data } from './data.ts'
import { entriesOf, hasEntry } from './index-entries.ts'
import { indexedPart } from './indexed-part.ts'

export interface CollectionCheck {
  readonly documents: number
  readonly keysPerIndex: ReadonlyMap<string, number>
  readonly errors: readonly string[]
}

const MOST_ERRORS = 100

/** Looks up every key of every document; an index with as many entries has no others. */
export function checkCollection(data: Data, collection: Collection): CollectionCheck {
  const check = new Check(data, collection)
  for (const { record, bytes } of data.documents.range(collection.id, {})) check.document(record, copyOf(bytes))
  const keysPerIndex = new Map(collection.indexes.map(index => [index.name, check.entries(index)]))
  return { documents: check.documents, keysPerIndex, errors: check.errors.slice(0, MOST_ERRORS) }
}

class Check {
  readonly errors: string[] = []
  documents = 0
  readonly #data: Data
  readonly #collection: Collection
  readonly #found = new Map<Index, number>()

  constructor(data: Data, collection: Collection) {
    this.#data = data
    this.#collection = collection
  }

  document(record: number, bytes: Buffer): void {
    this.documents++
    try {
      validateDocument(bytes)
      const fields = indexedPart(bytes, this.#collection.indexedFields)
      for (const index of this.#collection.indexes)
        for (const key of indexKeys(fields, index).keys) this.#lookUp(index, key, record)
    } catch (error) {
      this.errors.push(`document ${record}: ${(error as Error).message}`)
    }
  }

  /** Counts the entries of an index. */
  entries(index: Index): number {
    let count = 0
    for (const _ of entriesOf(this.#data, index)) count++
    const extra = count - (this.#found.get(index) ?? 0)
    if (extra > 0) this.errors.push(`index ${index.name} has ${extra} entries for no document`)
    return count
  }

  #lookUp(index: Index, key: Buffer, record: number): void {
    if (hasEntry(this.#data, index, { key, record })) this.#found.set(index, (this.#found.get(index) ?? 0) + 1)
    else this.errors.push(`index ${index.name} lacks an entry of document ${record}`)
  }
}
