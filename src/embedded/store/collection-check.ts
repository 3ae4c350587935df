// Checks that documents are well-formed and that indexes hold their keys and no others.
import { decodeFields } from '../bson.ts'
import { validateDocument } from '../bson-validation.ts'
import { indexKeys } from '../index-keys.ts'
import type { Collection } from './catalog.ts'
import { copyOf, type Data } from './data.ts'
import { entriesOf, keyOf, recordOf } from './index-entries.ts'

export interface CollectionCheck {
  readonly documents: number
  readonly keysPerIndex: ReadonlyMap<string, number>
  readonly errors: readonly string[]
}

const MOST_ERRORS = 100

export function checkCollection(data: Data, collection: Collection): CollectionCheck {
  const errors: string[] = []
  const expected = collection.indexes.map(() => new Set<string>())
  let documents = 0
  for (const { record, bytes: shared } of data.documents.range(collection.id, {})) {
    documents++
    const bytes = copyOf(shared)
    try {
      validateDocument(bytes)
      const fields = decodeFields(bytes, collection.indexedFields)
      for (const [at, index] of collection.indexes.entries())
        for (const key of indexKeys(fields, index).keys) expected[at]!.add(`${key.toString('latin1')}${record}`)
    } catch (error) {
      errors.push(`document ${record}: ${(error as Error).message}`)
    }
  }
  const keysPerIndex = new Map<string, number>()
  for (const [at, index] of collection.indexes.entries()) {
    let keys = 0
    for (const { key, value } of entriesOf(data, index)) {
      keys++
      if (!expected[at]!.delete(`${keyOf(index, key).toString('latin1')}${recordOf(index, key, value)}`))
        errors.push(`index ${index.name} has an entry for no document`)
    }
    if (expected[at]!.size > 0) errors.push(`index ${index.name} lacks ${expected[at]!.size} entries`)
    keysPerIndex.set(index.name, keys)
  }
  return { documents, keysPerIndex, errors: errors.slice(0, MOST_ERRORS) }
}
