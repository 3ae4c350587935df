// Reads a filter as predicates on paths, the form in which the planner looks for what an index can answer.
import { BSONRegExp } from 'mongodb'
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'

/** A condition of one operator on one path. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly path: string
  readonly operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte' | '$in' | '$exists' | '$regex' | '$elemMatch'
  readonly operand: Value
  /** the $elemMatch conditions around it, outermost first: leaves that share one speak of the same element */
  readonly scopes: readonly Scope[]
}

export interface Scope {
  readonly path: string
}

export interface Branches {
  readonly kind: 'or'
  readonly branches: readonly Conjunction[]
}

/** Something that indexes cannot answer. */
export interface Opaque {
  readonly kind: 'opaque'
}

export type Conjunct = Leaf | Branches | Opaque
export type Conjunction = readonly Conjunct[]

/** Gives the conditions of a filter that must all hold. */
export function predicatesOf(filter: Document): Conjunction {
  return conditions(filter, { prefix: '', scopes: [] })
}

interface Place {
  readonly prefix: string
  readonly scopes: readonly Scope[]
}

const OPAQUE: Opaque = { kind: 'opaque' }

function conditions(filter: Document, place: Place): Conjunct[] {
  return [...filter].flatMap(([name, value]) =>
    name.startsWith('$') ? logical(name, value, place) : field(name, value, place),
  )
}

function logical(name: string, value: Value, place: Place): Conjunct[] {
  if (name === '$comment') return []
  if (name === '$expr') return [...equalities(value, place), OPAQUE]
  if ((name !== '$and' && name !== '$or') || !Array.isArray(value)) return [OPAQUE]
  const branches = value.map(branch => (branch instanceof Map ? conditions(branch, place) : [OPAQUE]))
  if (name === '$and' || branches.length === 1) return branches.flat()
  return [{ kind: 'or', branches }]
}

/** An equality of a path and a constant narrows what an expression can be true for; the filter decides. */
function equalities(expression: Value, place: Place): Leaf[] {
  if (!(expression instanceof Map) || expression.size !== 1) return []
  const all = expression.get('$and')
  if (Array.isArray(all)) return all.flatMap(part => equalities(part, place))
  const sides = expression.get('$eq')
  if (!Array.isArray(sides) || sides.length !== 2) return []
  const [left, right] = sides as [Value, Value]
  return [...equality(left, right, place), ...equality(right, left, place)]
}

function equality(field: Value, constant: Value, place: Place): Leaf[] {
  const path = typeof field === 'string' ? /^\$([^$.\0][^$\0]*)$/.exec(field)?.[1] : undefined
  const isConstant = typeof constant === 'string' ? !constant.startsWith('$') : !isComposed(constant)
  return path !== undefined && isConstant ? [leaf(place.prefix + path, '$eq', constant, place)] : []
}

function isComposed(value: Value): boolean {
  return value instanceof Map || Array.isArray(value) || value instanceof BSONRegExp || value === UNDEFINED
}

function field(name: string, value: Value, place: Place): Conjunct[] {
  const path = place.prefix + name
  if (value instanceof BSONRegExp) return [leaf(path, '$regex', value, place)]
  if (!isOperators(value)) return [leaf(path, '$eq', value, place)]
  return [...value].flatMap(([operator, operand]) => condition(path, operator, { operand, all: value, place }))
}

/** Tells whether a value is a document of operators, such as `{ $gt: 5 }`. */
function isOperators(value: Value): value is Document {
  if (!(value instanceof Map)) return false
  const first = value.keys().next().value
  return first?.startsWith('$') === true && !['$ref', '$id', '$db'].includes(first)
}

interface Condition {
  readonly operand: Value
  readonly all: Document
  readonly place: Place
}

function condition(path: string, operator: string, { operand, all, place }: Condition): Conjunct[] {
  switch (operator) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
    case '$in':
    case '$exists':
      return [leaf(path, operator, operand, place)]
    case '$regex':
      return [leaf(path, '$regex', regexOf(operand, all.get('$options')), place)]
    case '$options':
    case '$comment':
      return []
    case '$all':
      return Array.isArray(operand) && operand.length > 0
        ? operand.flatMap(item => [...field(path.slice(place.prefix.length), item, place), OPAQUE])
        : [OPAQUE]
    case '$elemMatch':
      return elemMatch(path, operand, place)
    default:
      return [OPAQUE]
  }
}

function leaf(path: string, operator: Leaf['operator'], operand: Value, place: Place): Leaf {
  return { kind: 'leaf', path, operator, operand, scopes: place.scopes }
}

function regexOf(operand: Value, options: Value | undefined): Value {
  const flags = typeof options === 'string' ? options : undefined
  if (operand instanceof BSONRegExp) return new BSONRegExp(operand.pattern, flags ?? operand.options)
  return typeof operand === 'string' ? new BSONRegExp(operand, flags ?? '') : operand
}

/** The conditions on elements become conditions on dotted paths; that they hold for an array is left to the filter. */
function elemMatch(path: string, operand: Value, place: Place): Conjunct[] {
  if (!(operand instanceof Map)) return [OPAQUE]
  const first = operand.keys().next().value
  if (first?.startsWith('$') === true && !['$and', '$or', '$nor'].includes(first))
    return [leaf(path, '$elemMatch', operand, place), OPAQUE]
  return [...conditions(operand, { prefix: `${path}.`, scopes: [...place.scopes, { path }] }), OPAQUE]
}
