// Finds the intervals of index values that a single condition can be true for.
import { BSONRegExp, MaxKey, MinKey, ObjectId } from 'mongodb'
import { UNDEFINED, type Value } from '../bson/decode.ts'
import { encodeValue, TAGS } from '../keys/encode.ts'
import type { Collation } from '../values/collation.ts'
import { textOf } from '../values/text.ts'
import { after, EVERYTHING, holds, type Interval, intersection, pointAt, union } from './intervals.ts'
import type { Leaf } from './predicates.ts'
import { literalPrefix } from './regex-prefix.ts'

/** How an index stores strings, seen from a query. */
export interface Strings {
  /** the collation of the index */
  readonly collation: Collation | undefined
  /** the query compares strings as the index does */
  readonly same: boolean
}

export interface LeafIntervals {
  readonly intervals: readonly Interval[]
  /** a document has a key in the intervals if and only if the condition is true */
  readonly exact: boolean
}

/** Gives the intervals of a condition; `undefined` when the index says nothing about it. */
export function intervalsOf(leaf: Leaf, strings: Strings): LeafIntervals | undefined {
  const last = known.get(leaf)
  if (last && last.strings.same === strings.same && last.strings.collation === strings.collation) return last.found
  const found = indexed(leaf, strings)
  known.set(leaf, { strings, found })
  return found
}

// A list of many values is asked for more than once while a plan is made.
const known = new WeakMap<Leaf, { readonly strings: Strings; readonly found: LeafIntervals | undefined }>()

function indexed(leaf: Leaf, strings: Strings): LeafIntervals | undefined {
  const found = conditionIntervals(leaf.operator, leaf.operand, strings)
  if (found === undefined || !/(^|\.)\d+(\.|$)/.test(leaf.path)) return found
  // a number picks an element of an array for the index, but for a filter it also names a field that elements may lack
  return holds(found.intervals, NULL.from.bytes) ? undefined : { ...found, exact: false }
}

function conditionIntervals(operator: string, operand: Value, strings: Strings): LeafIntervals | undefined {
  switch (operator) {
    case '$eq':
      return operand instanceof BSONRegExp ? point(operand, strings) : equality(operand, strings)
    case '$in':
      return membership(operand, strings)
    case '$exists':
      return isTrue(operand) ? { intervals: [EVERYTHING], exact: false } : { intervals: [NULL], exact: false }
    case '$regex':
      return operand instanceof BSONRegExp ? regex(operand, strings) : undefined
    case '$elemMatch':
      return element(operand, strings)
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return comparison(operator, operand, strings)
    default:
      return undefined
  }
}

const NULL = pointAt(Buffer.from([TAGS.null]), 'null')
const ABSENT = pointAt(Buffer.from([TAGS.undefined]), 'undefined')

function isTrue(operand: Value): boolean {
  return operand !== false && operand !== null && Number(operand) !== 0
}

function equality(operand: Value, strings: Strings): LeafIntervals | undefined {
  if (operand === UNDEFINED) return undefined
  if (operand === null) return { intervals: [ABSENT, NULL], exact: false }
  if (!Array.isArray(operand)) return point(operand, strings)
  const first = operand.length === 0 ? { intervals: [ABSENT] } : point(operand[0]!, strings)
  const whole = point(operand, strings)
  if (first === undefined || whole === undefined) return undefined
  return { intervals: union([...first.intervals, ...whole.intervals]), exact: false }
}

function point(operand: Value, strings: Strings): LeafIntervals | undefined {
  if (!strings.same && mayHoldString(operand)) return undefined
  return { intervals: [pointAt(encodeValue(operand, strings.collation), () => textOf(operand))], exact: true }
}

function mayHoldString(operand: Value): boolean {
  return typeof operand === 'string' || operand instanceof Map || Array.isArray(operand)
}

function membership(operand: Value, strings: Strings): LeafIntervals | undefined {
  if (!Array.isArray(operand)) return undefined
  if (operand.every(item => item instanceof ObjectId)) return { intervals: union(operand.map(idPoint)), exact: true }
  const parts = operand.map(item => (item instanceof BSONRegExp ? regex(item, strings) : equality(item, strings)))
  if (parts.includes(undefined)) return undefined
  const known = parts as LeafIntervals[]
  return { intervals: union(known.flatMap(part => part.intervals)), exact: known.every(part => part.exact) }
}

// Lists of thousands of ids are the longest that are asked for: they take the shortest way.
function idPoint(id: ObjectId): Interval {
  const bytes = Buffer.allocUnsafe(13)
  bytes[0] = TAGS.objectId
  bytes.set(id.id, 1)
  return pointAt(bytes, () => textOf(id))
}

/** Comparisons stay within the type of their operand. */
function comparison(
  operator: '$gt' | '$gte' | '$lt' | '$lte',
  operand: Value,
  strings: Strings,
): LeafIntervals | undefined {
  if (operand === null) return operator.endsWith('e') ? equality(null, strings) : { intervals: [], exact: true }
  if (operand === UNDEFINED || Array.isArray(operand) || operand instanceof BSONRegExp) return undefined
  if (operand instanceof MinKey || operand instanceof MaxKey) return undefined
  if (!strings.same && mayHoldString(operand)) return undefined
  if (strings.collation !== undefined && mayHoldString(operand)) return bracketOnly(operand)
  const bytes = encodeValue(operand, strings.collation)
  if (isNotANumber(operand)) return operator.endsWith('e') ? point(operand, strings) : { intervals: [], exact: true }
  return { intervals: [side(operator, bytes, textOf(operand))], exact: true }
}

function isNotANumber(operand: Value): boolean {
  return (typeof operand === 'number' || typeof operand === 'object') && String(operand) === 'NaN'
}

/** The keys of a collation tell what is equal, not what comes first. */
function bracketOnly(operand: Value): LeafIntervals {
  return { intervals: [bracket(encodeValue(operand)[0]!)], exact: false }
}

function side(operator: '$gt' | '$gte' | '$lt' | '$lte', bytes: Buffer, text: string): Interval {
  const whole = bracket(bytes[0]!)
  const inclusive = operator.endsWith('e')
  if (operator === '$lt' || operator === '$lte') {
    return { from: whole.from, to: { bytes: inclusive ? after(bytes) : bytes, text, inclusive }, point: false }
  }
  return { from: { bytes: inclusive ? bytes : after(bytes), text, inclusive }, to: whole.to, point: false }
}

const BRACKETS: Readonly<Record<number, readonly [string, string]>> = {
  [TAGS.number]: ['-inf.0', 'inf.0'],
  [TAGS.string]: ['""', '{}'],
  [TAGS.document]: ['{}', '[]'],
  [TAGS.bool]: ['false', 'true'],
  [TAGS.date]: ['new Date(-9223372036854775808)', 'new Date(9223372036854775807)'],
  [TAGS.objectId]: ["ObjectId('000000000000000000000000')", "ObjectId('ffffffffffffffffffffffff')"],
}

/** All values of a type; NaN is no part of any comparison of numbers. */
function bracket(tag: number): Interval {
  const [low, high] = BRACKETS[tag] ?? ['MinKey', 'MaxKey']
  const from = tag === TAGS.number ? encodeValue(Number.NEGATIVE_INFINITY) : Buffer.from([tag])
  const open = tag === TAGS.string || tag === TAGS.document
  return {
    from: { bytes: from, text: low, inclusive: true, limit: true },
    to: { bytes: Buffer.from([tag + 1]), text: high, inclusive: !open, limit: true },
    point: false,
  }
}

/** A regular expression finds strings, and itself. */
function regex(operand: BSONRegExp, strings: Strings): LeafIntervals {
  const prefix = strings.collation === undefined ? literalPrefix(operand) : ''
  const itself = pointAt(encodeValue(operand), textOf(operand))
  if (prefix === '') return { intervals: [bracket(TAGS.string), itself], exact: false }
  const bytes = encodeValue(prefix).subarray(0, -1)
  const next = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
  const begins: Interval = {
    from: { bytes, text: textOf(prefix), inclusive: true },
    to: { bytes: after(bytes), text: textOf(next), inclusive: false },
    point: false,
  }
  return { intervals: [begins, itself], exact: false }
}

/** All conditions of a value $elemMatch speak of one element, so of one key. */
function element(operand: Value, strings: Strings): LeafIntervals | undefined {
  if (!(operand instanceof Map)) return undefined
  let intervals: readonly Interval[] = [EVERYTHING]
  for (const [operator, inner] of operand) {
    if (operator === '$regex' || operator === '$exists' || operator === '$elemMatch') continue
    const found = conditionIntervals(operator, inner, strings)
    if (found !== undefined) intervals = intersection(intervals, found.intervals)
  }
  return intervals[0] === EVERYTHING ? undefined : { intervals, exact: false }
}
