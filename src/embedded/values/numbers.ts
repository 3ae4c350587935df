// Compares and computes numbers of all BSON types, keeping the types as the server does.
import { Decimal128, Int32 } from 'mongodb'
import { int32, type Value } from '../bson/decode.ts'
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  decimalFromDouble,
  decimalFromInteger,
  decimalOf,
  divideDecimals,
  exactDecimal,
  integerPart,
  multiplyDecimals,
  negateDecimal,
  remainderOfDecimals,
  shorten,
  storedDecimal,
} from './decimal.ts'

export type NumberValue = number | Int32 | bigint | Decimal128

export function isNumber(value: Value | undefined): value is NumberValue {
  return typeof value === 'number' || value instanceof Int32 || typeof value === 'bigint' || value instanceof Decimal128
}

/** Whether the type is int32 or int64. */
export function isInteger(value: Value | undefined): value is Int32 | bigint {
  return value instanceof Int32 || typeof value === 'bigint'
}

export function isNaNValue(value: Value | undefined): boolean {
  if (value instanceof Decimal128) return decimalOf(value).special === 'NaN'
  return typeof value === 'number' && Number.isNaN(value)
}

/** Whether the number is zero; a decimal may be smaller than any double and still be none. */
export function isZeroNumber(value: NumberValue): boolean {
  if (!(value instanceof Decimal128)) return toDouble(value) === 0
  const { special, coefficient } = decimalOf(value)
  return special === '' && coefficient === 0n
}

export function toDouble(value: NumberValue): number {
  if (typeof value === 'number') return value
  if (value instanceof Int32) return value.value
  if (typeof value === 'bigint') return Number(value)
  return Number(value.toString())
}

/** Converts as in arithmetic; a double is taken to 15 digits. */
export function toDecimal(value: NumberValue): Decimal {
  if (value instanceof Decimal128) return decimalOf(value)
  if (typeof value === 'number') return decimalFromDouble(value)
  return decimalFromInteger(typeof value === 'bigint' ? value : BigInt(value.value))
}

/** Gives the integer a number is, whatever its type, or undefined for a fraction, NaN and infinities. */
export function integerOf(value: Value | undefined): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value)
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (!(value instanceof Decimal128)) return undefined
  const decimal = decimalOf(value)
  const whole = integerPart(decimal)
  return whole !== undefined && compareDecimals(decimalFromInteger(whole), decimal) === 0 ? whole : undefined
}

/** Gives the number without its fraction; undefined for NaN and infinities. */
export function truncated(value: NumberValue): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value)
  if (typeof value === 'bigint') return value
  if (value instanceof Decimal128) return integerPart(decimalOf(value))
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined
}

/** Compares by value across types; NaN is less than all other numbers and equal to NaN. */
export function compareNumbers(a: NumberValue, b: NumberValue): number {
  const left = a instanceof Int32 ? a.value : a
  const right = b instanceof Int32 ? b.value : b
  if (left instanceof Decimal128 || right instanceof Decimal128) return compareDecimals(exact(left), exact(right))
  if (left < right) return -1
  if (left > right) return 1
  if (left <= right && left >= right) return 0
  return Number(isNaNValue(right)) - Number(isNaNValue(left))
}

/** Gives equal text for equal numbers of all types, and for no others. */
export function numberKey(value: NumberValue): string {
  if (value instanceof Int32) return `n${value.value}`
  if (typeof value === 'number') return `n${value}`
  if (typeof value === 'bigint') {
    const double = Number(value)
    return BigInt(double) === value ? `n${double}` : digitsKey(decimalFromInteger(value))
  }
  const decimal = decimalOf(value)
  const double = toDouble(value)
  if (Number.isNaN(double)) return 'nNaN'
  return compareDecimals(exactDecimal(double), decimal) === 0 ? `n${double}` : digitsKey(decimal)
}

/** Adds; int32 grows to int64 and int64 to double when the sum does not fit. */
export function add(a: NumberValue, b: NumberValue): NumberValue {
  return compute(a, b, { double: (x, y) => x + y, integer: (x, y) => x + y, decimal: addDecimals })
}

export function subtract(a: NumberValue, b: NumberValue): NumberValue {
  return compute(a, b, {
    double: (x, y) => x - y,
    integer: (x, y) => x - y,
    decimal: (x, y) => addDecimals(x, negateDecimal(y)),
  })
}

export function multiply(a: NumberValue, b: NumberValue): NumberValue {
  return compute(a, b, { double: (x, y) => x * y, integer: (x, y) => x * y, decimal: multiplyDecimals })
}

/** Divides into a double, or a decimal where one operand is a decimal; the caller refuses zero. */
export function divide(a: NumberValue, b: NumberValue): number | Decimal128 {
  if (a instanceof Decimal128 || b instanceof Decimal128)
    return storedDecimal(divideDecimals(toDecimal(a), toDecimal(b)))
  return toDouble(a) / toDouble(b)
}

/** Gives the remainder with the sign of the dividend; the caller refuses zero. */
export function remainder(a: NumberValue, b: NumberValue): NumberValue {
  return compute(a, b, { double: (x, y) => x % y, integer: (x, y) => x % y, decimal: remainderOfDecimals })
}

/** Gives an int32 if the integer fits, else an int64, else a double. */
export function narrowest(integer: bigint): Int32 | bigint | number {
  if (integer >= -2147483648n && integer <= 2147483647n) return int32(Number(integer))
  return widest(integer)
}

export function isInt64(integer: bigint): boolean {
  return BigInt.asIntN(64, integer) === integer
}

interface Operation {
  readonly double: (a: number, b: number) => number
  readonly integer: (a: bigint, b: bigint) => bigint
  readonly decimal: (a: Decimal, b: Decimal) => Decimal
}

function compute(a: NumberValue, b: NumberValue, operation: Operation): NumberValue {
  if (a instanceof Int32 && b instanceof Int32) {
    const result = operation.double(a.value, b.value)
    if ((result | 0) === result) return int32(result | 0)
    return narrowest(operation.integer(BigInt(a.value), BigInt(b.value)))
  }
  if (a instanceof Decimal128 || b instanceof Decimal128)
    return storedDecimal(operation.decimal(toDecimal(a), toDecimal(b)))
  if (typeof a === 'number' || typeof b === 'number') return operation.double(toDouble(a), toDouble(b))
  const result = operation.integer(bigintOf(a), bigintOf(b))
  return isInt64(result) ? result : operation.double(toDouble(a), toDouble(b))
}

function bigintOf(value: Int32 | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(value.value)
}

function widest(integer: bigint): bigint | number {
  return isInt64(integer) ? integer : Number(integer)
}

function exact(value: number | bigint | Decimal128): Decimal {
  if (value instanceof Decimal128) return decimalOf(value)
  return typeof value === 'bigint' ? decimalFromInteger(value) : exactDecimal(value)
}

function digitsKey(decimal: Decimal): string {
  const short = shorten(decimal)
  return `x${short.negative ? '-' : ''}${short.coefficient}e${short.exponent}`
}
