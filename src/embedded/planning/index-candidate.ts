// Weighs what one index can do for a query: the plan it gives and a guess of its cost.

import type { Value } from '../bson/decode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import type { Collation } from '../values/collation.ts'
import { areKeys, type Bounds, boundsOf, breadth, keysOf } from './bounds.ts'
import { isComplete } from './implication.ts'
import { sortingDirection } from './index-sort.ts'
import type { Strings } from './leaf-intervals.ts'
import { type IdPlan, type IndexPlan, isUnordered, type Plan, type Query } from './plan.ts'
import type { Conjunction, Leaf } from './predicates.ts'

export interface Demand {
  readonly query: Query
  readonly conditions: Conjunction
  /** the client names the index, which is used even where it leaves documents out */
  readonly hint: boolean
}

export interface Candidate<Kind extends Plan = Plan> {
  readonly plan: Kind
  readonly cost: number
}

const FETCHING = 1.2
const SORTING = 1.5

/** What sorting adds to the cost of a query. */
export function sortingCost(query: Query): number {
  return isUnordered(query) ? 1 : SORTING
}

/** Tells how the index stores the strings of a query: with another collation it says nothing about them. */
export function stringsOf(index: IndexSpec, query: Query): Strings {
  const own = index.collation
  const same =
    own === undefined || query.collation === undefined ? own === query.collation : isSameCollation(own, query.collation)
  return { collation: own, same }
}

function isSameCollation(left: Collation, right: Collation): boolean {
  return [...left.spec].every(([name, value]) => String(right.spec.get(name)) === String(value))
}

/** Gives the plan that uses this index, if it is of use. */
export function indexCandidate(index: IndexSpec, demand: Demand): Candidate<IndexPlan | IdPlan>[] {
  const { query, conditions } = demand
  if (!demand.hint && isUnordered(query) && !startsWith(index, conditions)) return []
  const strings = stringsOf(index, query)
  if (!demand.hint && !isComplete(conditions, index, strings)) return []
  const bounds = boundsOf(conditions, index, strings)
  const single = index.unique && isSingleKey(bounds, index)
  const direction = isUnordered(query) || single ? 1 : sortingDirection(query.sort!, bounds, index)
  const sorted = direction !== undefined && (strings.same || single || isUnordered(query))
  if (bounds.bound === 0 && !demand.hint && (!sorted || isUnordered(query))) return []
  const found: IndexPlan = {
    kind: 'index',
    index,
    ranges: bounds.ranges,
    reverse: sorted && direction === -1,
    sorted,
    exact: bounds.exact,
    bounds,
  }
  const cost = selectivity(bounds, index) * FETCHING * (sorted ? 1 : SORTING)
  return [{ plan: asLookup(found) ?? found, cost }]
}

function startsWith({ key }: IndexSpec, conditions: Conjunction): boolean {
  const first = key[0]![0]
  return conditions.some(condition => condition.kind === 'leaf' && condition.path === first)
}

function isSingleKey(bounds: Bounds, index: IndexSpec): boolean {
  return areKeys(bounds, index) && keysOf(bounds) === 1
}

/** Guesses the share of documents found; a little less for every field of the index that is left unused. */
function selectivity(bounds: Bounds, index: IndexSpec): number {
  if (index.unique && areKeys(bounds, index)) return keysOf(bounds) * 1e-9
  const share = bounds.fields.slice(0, bounds.bound).reduce((product, { intervals }) => product * breadth(intervals), 1)
  return share * (1 + index.key.length * 1e-6)
}

function asLookup(found: IndexPlan): IdPlan | undefined {
  const { index, bounds } = found
  if (index.key.length !== 1 || index.key[0]![0] !== '_id' || bounds.bound !== 1) return undefined
  const field = bounds.fields[0]!
  const [leaf] = field.leaves
  if (field.leaves.length !== 1 || !field.intervals.every(({ point }) => point) || !bounds.exact) return undefined
  return { ...found, kind: 'id', ids: idsOf(leaf!) }
}

function idsOf(leaf: Leaf): readonly Value[] {
  return leaf.operator === '$in' ? (leaf.operand as Value[]) : [leaf.operand]
}
