// Reads integers out of numbers of any type.
import { Decimal128, Int32 } from 'mongodb'
import { integerOf as exactInteger } from '../values/numbers.ts'
import type { Result } from './operator.ts'

/** The integer that a number stands for, or undefined when it is no number or has a fraction. */
export function integerOf(value: Result): number | undefined {
  if (value instanceof Int32) return value.value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  const integer = value instanceof Decimal128 ? exactInteger(value) : undefined
  return integer === undefined ? undefined : Number(integer)
}

/** The same within the range of int32. */
export function int32Of(value: Result): number | undefined {
  const integer = integerOf(value)
  return integer !== undefined && integer >= -2147483648 && integer <= 2147483647 ? integer : undefined
}
