// Sorts found documents by keeping their keys and bytes; with a limit only the best so many are kept.
import { decodeFields } from '../bson/fields.ts'
import { copyOf, type StoredDocument } from '../store/data.ts'
import type { Sort } from '../values/sort.ts'

type SortKey = ReturnType<Sort['key']>

interface Kept {
  readonly key: SortKey
  readonly record: number
  readonly bytes: Buffer
}

/** Gives the documents in order, at most `limit` of them. */
export function sorted(found: Iterable<StoredDocument>, sort: Sort, limit: number): StoredDocument[] {
  return limit < Number.POSITIVE_INFINITY ? best(found, sort, limit) : all(found, sort)
}

function all(found: Iterable<StoredDocument>, sort: Sort): StoredDocument[] {
  const kept: Kept[] = []
  for (const { record, bytes } of found) kept.push({ key: keyOf(sort, bytes), record, bytes: copyOf(bytes) })
  return kept.sort((a, b) => sort.compareKeys(a.key, b.key))
}

/** Keeps twice as many as are wanted and cuts back when full; most documents are refused by one comparison. */
function best(found: Iterable<StoredDocument>, sort: Sort, limit: number): StoredDocument[] {
  let kept: Kept[] = []
  let worst: SortKey | undefined
  const cut = () => {
    kept = kept.sort((a, b) => sort.compareKeys(a.key, b.key)).slice(0, limit)
    if (kept.length === limit) worst = kept.at(-1)?.key
  }
  for (const { record, bytes } of found) {
    const key = keyOf(sort, bytes)
    if (worst !== undefined && sort.compareKeys(key, worst) >= 0) continue
    kept.push({ key, record, bytes: copyOf(bytes) })
    if (kept.length >= 2 * limit + 16) cut()
  }
  cut()
  return kept
}

function keyOf(sort: Sort, bytes: Buffer): SortKey {
  return sort.key(decodeFields(bytes, sort.fields))
}
