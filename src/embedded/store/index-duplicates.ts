// Finds the documents that share a key of an index, so that it cannot become unique.
import type { Document, Value } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import type { Collection, Index } from './catalog.ts'
import type { Data } from './data.ts'
import { entriesOf, keyOf, recordOf } from './index-entries.ts'

const ID = new Set(['_id'])

/** Gives the ids of the documents of each key that is held more than once. */
export function duplicatesIn(data: Data, collection: Collection, index: Index): Document[] {
  const groups: number[][] = []
  let last: Buffer | undefined
  let records: number[] = []
  for (const { key, value } of entriesOf(data, index)) {
    const own = Buffer.from(keyOf(index, key))
    const record = recordOf(index, key, value)
    if (last?.equals(own)) records.push(record)
    else {
      if (records.length > 1) groups.push(records)
      records = [record]
      last = own
    }
  }
  if (records.length > 1) groups.push(records)
  return groups.map(group => new Map([['ids', group.map(record => idOf(data, collection, record))]]))
}

function idOf(data: Data, collection: Collection, record: number): Value {
  const bytes = data.documents.get(collection.id, record)
  return (bytes && decodeFields(bytes, ID).get('_id')) ?? null
}
