// Compiles the comparisons of a filter ($eq, $gt, $in …) into tests of one value.
import { BSONRegExp, Int32, MaxKey, MinKey } from 'mongodb'
import { UNDEFINED, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from '../values/collation.ts'
import { compareNumbers, isNaNValue, isNumber, type NumberValue } from '../values/numbers.ts'
import { compareValues, equalValues, hashValue, rankOf } from '../values/values.ts'
import type { Test } from './path.ts'
import { regexTest } from './regex.ts'

export type Ordering = '$gt' | '$gte' | '$lt' | '$lte'

/** Tests for equality; null also equals missing. */
export function equalityTest(wanted: Value, collation?: Collation): Test {
  if (wanted === UNDEFINED) throw new CommandError('BadValue', 'cannot compare to undefined')
  if (wanted === null) return value => value === null || value === undefined || value === UNDEFINED
  if (typeof wanted === 'string' && collation === undefined)
    return value => value === wanted || (typeof value === 'object' && equalValues(value, wanted))
  if (isNumber(wanted)) return numberTest(wanted)
  if (typeof wanted === 'boolean') return value => value === wanted
  const rank = rankOf(wanted)
  return value => rankOf(value) === rank && equalValues(value, wanted, collation)
}

/** Tests an order; values of other types do not compare, except with MinKey and MaxKey. */
export function orderTest(operator: Ordering, bound: Value, options: { path: string; collation?: Collation }): Test {
  if (bound === UNDEFINED) throw new CommandError('BadValue', 'cannot compare to undefined')
  if (bound instanceof BSONRegExp)
    throw new CommandError('BadValue', `Can't have RegEx as arg to predicate over field '${options.path}'.`)
  const isInside = INSIDE[operator]
  if (isNaNValue(bound)) return isInside(0) ? isNaNTest : () => false
  if (bound === null) return isInside(0) ? equalityTest(null) : () => false
  if (isNumber(bound)) return numberOrderTest(bound, isInside)
  const rank = rankOf(bound)
  const beyond = (bound instanceof MaxKey && isInside(-1)) || (bound instanceof MinKey && isInside(1))
  return value => {
    if (rankOf(value) !== rank) return beyond
    return isInside(compareValues(value, bound, options.collation))
  }
}

/** Tests for membership in a list of values and regular expressions. */
export function membershipTest(list: readonly Value[], collation?: Collation): Test {
  const values = list.filter(item => !(item instanceof BSONRegExp))
  const tests = list.filter(item => item instanceof BSONRegExp).map(regex => regexTest(regex))
  tests.unshift(values.length > LONGEST_SCANNED_LIST ? hashTest(values, collation) : listTest(values, collation))
  if (tests.length === 1) return tests[0]!
  return value => tests.some(test => test(value))
}

const LONGEST_SCANNED_LIST = 4

const INSIDE: Readonly<Record<Ordering, (order: number) => boolean>> = {
  $gt: order => order > 0,
  $gte: order => order >= 0,
  $lt: order => order < 0,
  $lte: order => order <= 0,
}

function isNaNTest(value: Value | undefined): boolean {
  return isNaNValue(value)
}

function numberTest(wanted: NumberValue): Test {
  if (isNaNValue(wanted)) return isNaNTest
  const small = wanted instanceof Int32 ? wanted.value : wanted
  return value => {
    if (value instanceof Int32) return value.value === small || compareNumbers(value, wanted) === 0
    return isNumber(value) && compareNumbers(value, wanted) === 0
  }
}

function numberOrderTest(bound: NumberValue, isInside: (order: number) => boolean): Test {
  const double = bound instanceof Int32 ? bound.value : bound
  if (typeof double !== 'number') return slowNumberOrderTest(bound, isInside)
  return value => {
    const number = value instanceof Int32 ? value.value : value
    if (typeof number !== 'number') return slowNumberOrder(value, bound, isInside)
    if (number < double) return isInside(-1)
    if (number > double) return isInside(1)
    return number === double && isInside(0)
  }
}

function slowNumberOrderTest(bound: NumberValue, isInside: (order: number) => boolean): Test {
  return value => slowNumberOrder(value, bound, isInside)
}

function slowNumberOrder(value: Value | undefined, bound: NumberValue, isInside: (order: number) => boolean): boolean {
  return isNumber(value) && !isNaNValue(value) && isInside(compareNumbers(value, bound))
}

function listTest(values: readonly Value[], collation: Collation | undefined): Test {
  const tests = values.map(value => equalityTest(value, collation))
  return value => {
    for (const test of tests) if (test(value)) return true
    return false
  }
}

function hashTest(values: readonly Value[], collation: Collation | undefined): Test {
  if (values.includes(UNDEFINED)) throw new CommandError('BadValue', 'cannot compare to undefined')
  const hasNull = values.includes(null)
  let keys: Set<unknown> | undefined
  return value => {
    if (value === undefined || value === UNDEFINED) return hasNull
    // An index that answers for the list needs no keys of it.
    keys ??= new Set(values.map(one => hashValue(one, collation)))
    return keys.has(hashValue(value, collation))
  }
}
