// Decides which values count as true in expressions.
import { Decimal128, Int32 } from 'mongodb'
import { UNDEFINED } from '../bson/decode.ts'
import { isZeroNumber } from '../values/numbers.ts'
import type { Result } from './operator.ts'

/** False, null, missing, undefined and zero are false; all other values are true, NaN and '' too. */
export function isTruthy(value: Result): boolean {
  if (value === undefined || value === null || value === false || value === UNDEFINED) return false
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'bigint') return value !== 0n
  if (value instanceof Int32) return value.value !== 0
  return !(value instanceof Decimal128) || !isZeroNumber(value)
}
