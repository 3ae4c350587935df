// Sorts found documents by their keys; with a limit only the best so many are kept.
import { decodeFields } from '../bson/fields.ts'
import { copyOf, type StoredDocument } from '../store/data.ts'
import type { Sort } from '../values/sort.ts'
import { SortedRuns } from '../values/sorted-runs.ts'

interface Kept extends StoredDocument {
  readonly key: ReturnType<Sort['key']>
}

export interface Sorting {
  readonly sort: Sort
  /** how many of the first documents are wanted */
  readonly limit: number
  readonly allowsDisk: boolean
}

/** Gives the documents in order, at most `limit` of them. */
export function* sorted(
  found: Iterable<StoredDocument>,
  { sort, limit, allowsDisk }: Sorting,
): Generator<StoredDocument> {
  const runs = new SortedRuns<Kept>({
    compare: (a, b) => sort.compareKeys(a.key, b.key),
    sizeOf: ({ bytes }) => bytes.length + ITEM_BYTES,
    toBytes: withRecord,
    fromBytes: bytes => keyed(sort, { record: bytes.readDoubleLE(0), bytes: bytes.subarray(RECORD_BYTES) }),
    limit,
    allowsDisk,
  })
  for (const one of found) {
    const item = keyed(sort, one)
    if (!runs.isBeyond(item)) runs.add({ ...item, bytes: copyOf(item.bytes) })
  }
  yield* runs.items()
}

/** What an item takes in memory beside its bytes, about. */
const ITEM_BYTES = 200
const RECORD_BYTES = 8

function keyed(sort: Sort, { record, bytes }: StoredDocument): Kept {
  return { key: sort.key(decodeFields(bytes, sort.fields)), record, bytes }
}

function withRecord({ record, bytes }: StoredDocument): Buffer {
  const stored = Buffer.allocUnsafe(RECORD_BYTES + bytes.length)
  stored.writeDoubleLE(record)
  stored.set(bytes, RECORD_BYTES)
  return stored
}
