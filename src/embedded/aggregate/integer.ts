// Reads integers out of numbers of any type.
import { Decimal128, Int32 } from 'mongodb'
import { toDouble } from '../values/numbers.ts'
import type { Result } from './operator.ts'

/** The integer that a number stands for, or undefined when it is no number or has a fraction. */
export function integerOf(value: Result): number | undefined {
  if (value instanceof Int32) return value.value
  if (typeof value === 'bigint') return Number(value)
  const number = typeof value === 'number' ? value : value instanceof Decimal128 ? toDouble(value) : Number.NaN
  return Number.isInteger(number) ? number : undefined
}

/** The same within the range of int32. */
export function int32Of(value: Result): number | undefined {
  const integer = integerOf(value)
  return integer !== undefined && integer >= -2147483648 && integer <= 2147483647 ? integer : undefined
}
