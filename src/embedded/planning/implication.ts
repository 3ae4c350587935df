// Decides whether a query can only find documents that a partial or sparse index holds.

import { encodeValue } from '../keys/encode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { equalValues } from '../values/values.ts'
import { holds, isWithin } from './intervals.ts'
import { intervalsOf, type Strings } from './leaf-intervals.ts'
import { type Conjunct, type Conjunction, type Leaf, predicatesOf } from './predicates.ts'

/** Tells whether the index leaves out none of the documents that the conditions ask for. */
export function isComplete(conditions: Conjunction, index: IndexSpec, strings: Strings): boolean {
  if (index.sparse && !index.key.some(([path]) => demandsValue(path, conditions, strings))) return false
  return index.partial === undefined || implies(conditions, predicatesOf(index.partial.spec), strings)
}

function demandsValue(path: string, conditions: Conjunction, strings: Strings): boolean {
  return conditions.some(leaf => leaf.kind === 'leaf' && leaf.path === path && isPresent(leaf, strings))
}

const NULL = encodeValue(null)

/** Tells whether a condition is false for a missing field. */
function isPresent(leaf: Leaf, strings: Strings): boolean {
  if (leaf.operator === '$exists') return leaf.operand !== false && leaf.operand !== null && Number(leaf.operand) !== 0
  const found = intervalsOf(leaf, strings)
  return found !== undefined && !holds(found.intervals, NULL)
}

function implies(conditions: Conjunction, demands: Conjunction, strings: Strings): boolean {
  return demands.every(demand => meets(conditions, demand, strings))
}

function meets(conditions: Conjunction, demand: Conjunct, strings: Strings): boolean {
  const split = conditions.some(
    condition => condition.kind === 'or' && condition.branches.every(branch => meets(branch, demand, strings)),
  )
  if (split) return true
  if (demand.kind === 'or') return demand.branches.some(branch => implies(conditions, branch, strings))
  return (
    demand.kind === 'leaf' &&
    conditions.some(leaf => leaf.kind === 'leaf' && leaf.path === demand.path && isNarrower(leaf, demand, strings))
  )
}

function isNarrower(leaf: Leaf, demand: Leaf, strings: Strings): boolean {
  if (leaf.operator === demand.operator && equalValues(leaf.operand, demand.operand)) return true
  if (demand.operator === '$exists') return isPresent(demand, strings) && isPresent(leaf, strings)
  const wide = intervalsOf(demand, strings)
  const narrow = intervalsOf(leaf, strings)
  return wide?.exact === true && narrow !== undefined && isWithin(narrow.intervals, wide.intervals)
}
