// Compiles the operators that test one value, such as $gt, $in, $type and $regex.
import { BSONRegExp } from 'mongodb'
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { type BitOperator, bitTest } from './bits.ts'
import { equalityTest, membershipTest, type Ordering, orderTest } from './comparison.ts'
import { modTest, sizeTest } from './numeric.ts'
import type { Leaf, Test } from './path.ts'
import { regexOperand, regexTest } from './regex.ts'
import type { MatchScope } from './scope.ts'
import { typeTest } from './type.ts'

/** What an operator makes of its operand: a test, where it looks, and whether the match is the opposite. */
export interface Condition {
  readonly test: Test
  readonly leaf: Leaf
  readonly negated: boolean
}

export interface Use {
  readonly path: string
  readonly scope: MatchScope
  /** the document the operator stands in: $regex finds its $options there */
  readonly siblings: Document
}

/** Whether a value is a document of operators; references such as { $ref, $id } are not. */
export function isOperatorDocument(value: Value | undefined): value is Document {
  if (!(value instanceof Map)) return false
  const first = value.keys().next().value
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db'
}

/** Compiles an operator on values; undefined where the name is none. */
export function condition(operator: string, operand: Value, use: Use): Condition | undefined {
  const compile = CONDITIONS.get(operator)
  if (compile !== undefined) return compile(operand, use)
  if (REFUSED.has(operator))
    throw new CommandError('CommandNotSupported', `${operator} is not supported by the embedded database`)
  return undefined
}

const REFUSED = new Set([
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$near',
  '$nearSphere',
  '$geoNear',
  '$maxDistance',
  '$minDistance',
  '$uniqueDocs',
])

function plain(test: Test): Condition {
  return { test, leaf: 'elements', negated: false }
}

function opposite(test: Test): Condition {
  return { test, leaf: 'elements', negated: true }
}

function order(operator: Ordering): (operand: Value, use: Use) => Condition {
  return (operand, { path, scope }) => {
    const collation = scope.collation === undefined ? {} : { collation: scope.collation }
    return plain(orderTest(operator, operand, { path, ...collation }))
  }
}

function bits(operator: BitOperator): (operand: Value) => Condition {
  return operand => plain(bitTest(operator, operand))
}

const CONDITIONS = new Map<string, (operand: Value, use: Use) => Condition>([
  ['$eq', (operand, { scope }) => plain(equalityTest(operand, scope.collation))],
  ['$ne', (operand, { scope }) => opposite(inequality(operand, scope))],
  ['$gt', order('$gt')],
  ['$gte', order('$gte')],
  ['$lt', order('$lt')],
  ['$lte', order('$lte')],
  ['$in', (operand, { scope }) => plain(membershipTest(listOf('$in', operand), scope.collation))],
  ['$nin', (operand, { scope }) => opposite(membershipTest(listOf('$nin', operand), scope.collation))],
  ['$exists', operand => ({ test: value => value !== undefined, leaf: 'elements', negated: !isTrue(operand) })],
  ['$type', operand => plain(typeTest(operand))],
  ['$size', operand => ({ test: sizeTest(operand), leaf: 'array', negated: false })],
  ['$mod', operand => plain(modTest(operand))],
  ['$regex', (operand, { siblings }) => plain(regexTest(regexOperand(operand, siblings.get('$options'))))],
  ['$bitsAllSet', bits('$bitsAllSet')],
  ['$bitsAnySet', bits('$bitsAnySet')],
  ['$bitsAllClear', bits('$bitsAllClear')],
  ['$bitsAnyClear', bits('$bitsAnyClear')],
])

function inequality(operand: Value, scope: MatchScope): Test {
  if (operand instanceof BSONRegExp) throw new CommandError('BadValue', "Can't have regex as arg to $ne.")
  return equalityTest(operand, scope.collation)
}

function listOf(operator: string, operand: Value): readonly Value[] {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', `${operator} needs an array`)
  if (operand.some(isOperatorDocument)) throw new CommandError('BadValue', `cannot nest $ under ${operator}`)
  return operand
}

function isTrue(operand: Value): boolean {
  if (isNumber(operand)) return toDouble(operand) !== 0
  return operand !== false && operand !== null && operand !== UNDEFINED
}
