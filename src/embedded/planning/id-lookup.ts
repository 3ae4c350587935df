// Plans the most frequent query of all, for one _id and nothing else, without weighing anything.
import { Int32, ObjectId } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { intervalsOf } from './leaf-intervals.ts'
import type { IdPlan, Query } from './plan.ts'
import type { Leaf } from './predicates.ts'

/** Tells whether a value can be an _id that no collation, array or pattern makes ambiguous. */
export function isPlainId(value: Value | undefined): boolean {
  return value instanceof ObjectId || value instanceof Int32 || typeof value === 'number'
}

/** Gives the plan for a filter that names one _id only. */
export function idLookup({ filter, hint, min, max }: Query, [index]: readonly IndexSpec[]): IdPlan | undefined {
  const operand = filter.get('_id')
  if (filter.size !== 1 || !isPlainId(operand) || hint !== undefined || min !== undefined || max !== undefined)
    return undefined
  if (index?.name !== '_id_' || index.collation !== undefined) return undefined
  const leaf: Leaf = { kind: 'leaf', path: '_id', operator: '$eq', operand: operand!, scopes: [] }
  const found = intervalsOf(leaf, { collation: undefined, same: true })
  if (found?.exact !== true) return undefined
  const { intervals } = found
  const ranges = intervals.map(({ from, to }) => ({ from: from.bytes, to: to.bytes }))
  const bounds = {
    fields: [{ path: '_id', direction: 1 as const, intervals, leaves: [leaf] }],
    bound: 1,
    ranges,
    exact: true,
  }
  return { kind: 'id', index, ranges, reverse: false, sorted: true, exact: true, bounds, ids: [operand!] }
}
