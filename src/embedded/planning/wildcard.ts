// Shows a wildcard index to the planner as one index for each path that a query asks about.
import { BSONRegExp } from 'mongodb'
import { UNDEFINED, type Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import { coverageOf } from '../keys/wildcard-keys.ts'
import { type Candidate, type Demand, indexCandidate } from './index-candidate.ts'
import type { IdPlan, IndexPlan } from './plan.ts'
import type { Conjunction, Leaf } from './predicates.ts'

const PATH = '$_path'

/** Gives the plans that walk a wildcard index at one of the paths of the conditions. */
export function wildcardCandidates(index: IndexSpec, demand: Demand): Candidate<IndexPlan | IdPlan>[] {
  const covers = coverageOf(index)
  if (covers === undefined || index.collation !== undefined) return []
  const paths = new Set(answerable(demand.conditions).map(({ path }) => path))
  return [...paths].filter(covers).flatMap(path => candidatesAt(path, index, demand))
}

function candidatesAt(path: string, index: IndexSpec, demand: Demand): Candidate<IndexPlan | IdPlan>[] {
  const key = document({ [PATH]: 1, [path]: 1 })
  const atPath: IndexSpec = {
    ...index,
    key: [
      [PATH, 1],
      [path, 1],
    ],
    raw: new Map(index.raw).set('key', key),
    whole: index,
  }
  const isPath: Leaf = { kind: 'leaf', path: PATH, operator: '$eq', operand: path, scopes: [] }
  const others = demand.conditions.filter(one => one.kind !== 'leaf' || one.path !== path || isAnswerable(one))
  const conditions: Conjunction = [isPath, ...others]
  return indexCandidate(atPath, { ...demand, conditions })
    .filter(({ plan }) => plan.bounds.bound === 2)
    .map(({ plan, cost }) => ({ plan: { ...plan, exact: false }, cost }))
}

function answerable(conditions: Conjunction): Leaf[] {
  return conditions.filter((one): one is Leaf => one.kind === 'leaf' && isAnswerable(one))
}

const OPERATORS = new Set<Leaf['operator']>(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$regex'])

/** Only values that are no documents have keys, and what is missing has none. */
function isAnswerable({ path, operator, operand }: Leaf): boolean {
  if (!OPERATORS.has(operator) || /(^|\.)\d+(\.|$)/.test(path)) return false
  if (operator === '$in') return Array.isArray(operand) && operand.every(isPlain)
  return operator === '$regex' ? operand instanceof BSONRegExp : isPlain(operand)
}

function isPlain(value: Value): boolean {
  return value !== null && value !== UNDEFINED && !(value instanceof Map) && !Array.isArray(value)
}
