// Answers a tailable find on a capped collection: what is there, and later what has come since.
import { CommandError } from '../errors.ts'
import { NOTHING_YET } from '../operation/cursors.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data } from '../store/data.ts'
import { type FindAsked, shapeOf } from './find.ts'
import type { Scans } from './scans.ts'
import { searchOf, testOf } from './search.ts'

export interface Tail {
  readonly asked: FindAsked
  readonly scans: Scans
  /** whether the collection is still there */
  isThere(): boolean
}

/** Gives the bytes of each document, and NOTHING_YET where the next one has not been written. */
export function tail(data: Data, collection: Collection, { asked, scans, isThere }: Tail): Iterable<Uint8Array> {
  const search = searchOf(data, collection, { asked: { ...asked, hint: new Map([['$natural', 1]]) }, scans })
  const shape = shapeOf(asked, search)
  const test = testOf(search.filter)
  const results = function* () {
    let last: number | undefined
    let { skip, limit } = asked
    for (;;) {
      if (!isThere()) throw new CommandError('QueryPlanKilled', 'the collection was dropped while it was tailed')
      if (last !== undefined && data.documents.get(collection.id, last) === undefined) throw positionLost(last)
      for (const { record, bytes } of data.documents.range(
        collection.id,
        last === undefined ? {} : { from: last + 1 },
      )) {
        last = record
        if (!test(bytes) || skip-- > 0) continue
        yield shape({ record, bytes })
        if (--limit === 0) return
      }
      yield NOTHING_YET
    }
  }
  return { [Symbol.iterator]: results }
}

function positionLost(record: number): CommandError {
  return new CommandError(
    'CappedPositionLost',
    `CollectionScan died due to position in capped collection being deleted. Last seen record id: RecordId(${record})`,
  )
}
