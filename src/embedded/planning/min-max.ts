// Plans a query whose min and max name the first and last key of an index to look at.

import type { Document } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { encodeKey, LONGEST_KEY } from '../keys/encode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { boundsOf } from './bounds.ts'
import type { Hinted } from './hint.ts'
import { sortingDirection } from './index-sort.ts'
import { type IndexPlan, isUnordered, type Query } from './plan.ts'

/** Gives the walk from min, inclusive, to max, exclusive; the index must be hinted. */
export function boundedByKeys(query: Query, hint: Hinted | undefined): IndexPlan {
  if (hint?.kind !== 'index')
    throw new CommandError(51173, 'When using min()/max() a hint of which index to use must be provided')
  const { index } = hint
  const from = query.min === undefined ? Buffer.alloc(0) : endOf(query.min, index)
  const to = query.max === undefined ? Buffer.from([0xff]) : endOf(query.max, index)
  if (Buffer.compare(from, to) >= 0)
    throw new CommandError(51175, 'The value provided for min() does not come before the value provided for max()')
  const bounds = { ...boundsOf([], index, { collation: index.collation, same: true }), ranges: [{ from, to }] }
  const direction = isUnordered(query) ? 1 : sortingDirection(query.sort!, bounds, index)
  const reverse = direction === -1
  return { kind: 'index', index, ranges: bounds.ranges, reverse, sorted: direction !== undefined, exact: false, bounds }
}

function endOf(end: Document, index: IndexSpec): Buffer {
  const paths = [...end.keys()]
  if (paths.length !== index.key.length || index.key.some(([path], position) => path !== paths[position]))
    throw new CommandError(51174, 'The index chosen is not compatible with min/max')
  const key = encodeKey(
    [...end.values()],
    index.key.map(([, direction]) => direction),
    index.collation,
  )
  return key.length > LONGEST_KEY ? key.subarray(0, LONGEST_KEY) : key
}
