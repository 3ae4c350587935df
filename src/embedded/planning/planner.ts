// Chooses how to find the documents of a query: by _id, by an index, by several, or by looking at all.

import type { IndexSpec } from '../keys/index-spec.ts'
import type { Bounds } from './bounds.ts'
import { type Hinted, hinted } from './hint.ts'
import { idLookup, isPlainId } from './id-lookup.ts'
import { type Candidate, type Demand, indexCandidate, sortingCost, stringsOf } from './index-candidate.ts'
import { sortingDirection } from './index-sort.ts'
import { joined, union } from './intervals.ts'
import { boundedByKeys } from './min-max.ts'
import {
  type IdPlan,
  type IndexPlan,
  isUnordered,
  type Plan,
  type Query,
  type ScanPlan,
  type UnionPlan,
} from './plan.ts'
import { type Branches, type Conjunction, type Leaf, predicatesOf } from './predicates.ts'
import { wildcardCandidates } from './wildcard.ts'

/** Chooses a plan for a query among the indexes of its collection. */
export function plan(query: Query, indexes: readonly IndexSpec[]): Plan {
  return idLookup(query, indexes) ?? weighed(query, indexes)
}

function weighed(query: Query, indexes: readonly IndexSpec[]): Plan {
  const hint = hinted(query.hint, indexes)
  if (query.min !== undefined || query.max !== undefined) return boundedByKeys(query, hint)
  if (hint?.kind === 'natural') return { kind: 'scan', reverse: hint.reverse, sorted: isUnordered(query) }
  const conditions = predicatesOf(query.filter)
  const usable = hint === undefined ? usableFor(conditions, indexes) : usableHint(hint)
  const demand: Demand = { query, conditions, hint: hint !== undefined }
  const best = cheapest<Plan>([
    ...usable.flatMap(index => candidatesOf(index, demand)),
    ...unionCandidates(usable, demand),
  ])
  const wanted = best !== undefined && (hint !== undefined || best.cost < sortingCost(query))
  return wanted ? best.plan : naturalScan(query)
}

/** Nothing beats single values of _id, so where they are asked for the other indexes need no look. */
function usableFor(conditions: Conjunction, indexes: readonly IndexSpec[]): readonly IndexSpec[] {
  const first = indexes[0]
  const asksId = conditions.some(
    condition => condition.kind === 'leaf' && condition.path === '_id' && areScalars(condition),
  )
  if (asksId && first?.name === '_id_' && first.collation === undefined) return [first]
  return indexes.filter(index => !index.hidden)
}

function areScalars({ operator, operand }: Leaf): boolean {
  if (operator === '$eq') return isPlainId(operand)
  return operator === '$in' && Array.isArray(operand) && operand.every(isPlainId)
}

function usableHint(hint: Hinted): readonly IndexSpec[] {
  return hint.kind === 'index' ? [hint.index] : []
}

function candidatesOf(index: IndexSpec, demand: Demand): Candidate<IndexPlan | IdPlan>[] {
  return index.wildcard ? wildcardCandidates(index, demand) : indexCandidate(index, demand)
}

function naturalScan(query: Query): ScanPlan {
  const { sort } = query
  const natural = sort?.size === 1 ? sort.get('$natural') : undefined
  return {
    kind: 'scan',
    reverse: natural !== undefined && Number(natural) < 0,
    sorted: natural !== undefined || isUnordered(query),
  }
}

function cheapest<Kind extends Plan>(candidates: readonly Candidate<Kind>[]): Candidate<Kind> | undefined {
  return candidates.reduce<Candidate<Kind> | undefined>(
    (best, next) => (best === undefined || next.cost < best.cost ? next : best),
    undefined,
  )
}

/** A condition of `$or` is answered by indexes when each of its branches is. */
function unionCandidates(indexes: readonly IndexSpec[], demand: Demand): Candidate<IndexPlan | UnionPlan>[] {
  return demand.conditions.flatMap(condition =>
    condition.kind === 'or' ? unionCandidate(condition, indexes, demand) : [],
  )
}

function unionCandidate(
  split: Branches,
  indexes: readonly IndexSpec[],
  demand: Demand,
): Candidate<IndexPlan | UnionPlan>[] {
  const others = demand.conditions.filter(condition => condition !== split)
  const plans: IndexPlan[] = []
  let cost = 0
  for (const branch of split.branches) {
    const best = cheapestBranch([...branch, ...others], indexes, demand)
    if (best === undefined) return []
    plans.push({ ...best.plan, kind: 'index' })
    cost += best.cost
  }
  const single = onOneIndex(plans, demand.query)
  if (single !== undefined) return [{ plan: single, cost: single.sorted ? cost : cost * sortingCost(demand.query) }]
  return [
    {
      plan: { kind: 'or', plans, sorted: isUnordered(demand.query), exact: false },
      cost: cost * sortingCost(demand.query),
    },
  ]
}

function cheapestBranch(
  conditions: Conjunction,
  indexes: readonly IndexSpec[],
  { query, hint }: Demand,
): Candidate<IndexPlan> | undefined {
  const unsorted = { query: { ...query, sort: undefined }, conditions, hint }
  const candidates = indexes.flatMap(index => candidatesOf(index, unsorted)).filter(({ plan }) => plan.bounds.bound > 0)
  return cheapest(candidates as Candidate<IndexPlan>[])
}

/** Branches that use the same index are one walk over all their ranges. */
function onOneIndex(plans: readonly IndexPlan[], query: Query): IndexPlan | undefined {
  const [first] = plans
  if (first === undefined || plans.some(({ index }) => index !== first.index)) return undefined
  const bounds = spread(first.bounds, plans)
  const direction = isUnordered(query) ? 1 : sortingDirection(query.sort!, bounds, first.index)
  const sorted = direction !== undefined && (isUnordered(query) || stringsOf(first.index, query).same)
  return { ...first, ranges: bounds.ranges, reverse: sorted && direction === -1, sorted, exact: bounds.exact, bounds }
}

/** The bounds of all branches together: no field is held at one value any more. */
function spread(first: Bounds, plans: readonly IndexPlan[]): Bounds {
  const fields = first.fields.map((field, position) => {
    const all = plans.map(({ bounds }) => bounds.fields[position]!)
    const intervals = union(all.flatMap(({ intervals }) => intervals))
    return { ...field, intervals, leaves: all.flatMap(({ leaves }) => leaves) }
  })
  const bound = Math.min(...plans.map(({ bounds }) => bounds.bound))
  return {
    fields,
    bound,
    ranges: joined(plans.flatMap(({ ranges }) => ranges)),
    exact: plans.every(({ exact }) => exact),
  }
}
