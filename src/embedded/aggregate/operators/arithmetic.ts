// Computes with numbers and dates: $add, $subtract, $multiply, $divide, $mod, $abs, $pow, roots and logarithms.
import { Decimal128, Int32 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { decimalOf, roundDecimal, storedDecimal } from '../../values/decimal.ts'
import {
  exponentialOf,
  logarithm10Of,
  logarithmOf,
  logarithmTo,
  powerOf,
  squareRoot,
} from '../../values/decimal-math.ts'
import {
  add,
  divide,
  isNaNValue,
  isNumber,
  isZeroNumber,
  multiply,
  type NumberValue,
  narrowest,
  remainder,
  subtract,
  toDecimal,
  toDouble,
} from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { binary, isNullish, type Operator, type OperatorTable, type Result, unary, variadic } from '../operator.ts'

export const arithmetic: OperatorTable = {
  $abs: numeric('$abs', absolute),
  $add: variadic(sum),
  $divide: binary(quotient),
  $exp: numeric('$exp', value => floating(value, Math.exp, exponentialOf)),
  $ln: numeric('$ln', value => logarithm(value, { name: '$ln', code: 28766, double: Math.log, decimal: logarithmOf })),
  $log: binary(logarithmToBase),
  $log10: numeric('$log10', value =>
    logarithm(value, { name: '$log10', code: 28761, double: Math.log10, decimal: logarithm10Of }),
  ),
  $mod: binary(modulo),
  $multiply: variadic(product),
  $pow: binary(power),
  $sqrt: numeric('$sqrt', rootOf),
  $subtract: binary(difference),
}

/** An operator of one number; null gives null. */
export function numeric(name: string, compute: (value: NumberValue) => Result): Operator {
  return unary(value => {
    if (isNullish(value)) return null
    if (isNumber(value)) return compute(value)
    throw new CommandError(28765, `${name} only supports numeric types, not ${typeName(value)}`)
  })
}

/** A function of a double, or the one of decimals where the operand is one. */
export function floating(
  operand: NumberValue,
  double: (value: number) => number,
  decimal: (value: Decimal128) => Decimal128,
): Result {
  return operand instanceof Decimal128 ? decimal(operand) : double(toDouble(operand))
}

function absolute(value: NumberValue): Result {
  if (typeof value === 'number') return Math.abs(value)
  if (value instanceof Int32) return narrowest(BigInt(Math.abs(value.value)))
  if (value instanceof Decimal128) return storedDecimal({ ...decimalOf(value), negative: false })
  if (value === -9223372036854775808n) throw new CommandError(28680, "can't take $abs of long long min")
  return value < 0n ? -value : value
}

function sum(values: Result[]): Result {
  let total: NumberValue = int32(0)
  let date: Date | undefined
  for (const value of values) {
    if (isNullish(value)) return null
    if (isNumber(value)) total = add(total, value)
    else if (!(value instanceof Date)) throw unsupported('$add', 'numeric or date', value)
    else if (date) throw new CommandError(16612, 'only one date allowed in an $add expression')
    else date = value
  }
  return date ? shifted(date, total) : total
}

function shifted(date: Date, by: NumberValue): Date {
  const time = date.getTime()
  const moved = new Date(typeof by === 'number' ? roundedAway(time + by) : nearest(add(by, BigInt(time))))
  if (Number.isNaN(moved.getTime())) throw new CommandError('Overflow', 'date overflow in $add')
  return moved
}

function roundedAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value))
}

/** The nearest integer, of two the even one. */
function nearest(value: NumberValue): number {
  if (!(value instanceof Decimal128)) return toDouble(value)
  return toDouble(storedDecimal(roundDecimal(decimalOf(value), 0, { rounding: 'half-even' })))
}

/** The difference of two numbers or dates, or a date moved back; null where one of them is. */
export function difference(first: Result, second: Result): Result {
  if (isNullish(first) || isNullish(second)) return null
  if (isNumber(first) && isNumber(second)) return subtract(first, second)
  if (first instanceof Date && second instanceof Date) return BigInt(first.getTime() - second.getTime())
  if (first instanceof Date && isNumber(second)) return shifted(first, negated(second))
  throw new CommandError('TypeMismatch', `can't $subtract ${typeName(second)} from ${typeName(first)}`)
}

/** What is taken from a date counts as the nearest integer. */
function negated(amount: NumberValue): NumberValue {
  return -(typeof amount === 'number' ? roundedAway(amount) : nearest(amount))
}

function product(values: Result[]): Result {
  let total: NumberValue = int32(1)
  for (const value of values) {
    if (isNullish(value)) return null
    if (!isNumber(value)) throw unsupported('$multiply', 'numeric', value)
    total = multiply(total, value)
  }
  return total
}

export function quotient(first: Result, second: Result): Result {
  if (isNumber(first) && isNumber(second)) {
    if (isZeroNumber(second)) throw new CommandError('BadValue', "can't $divide by zero")
    return divide(first, second)
  }
  if (isNullish(first) || isNullish(second)) return null
  throw new CommandError(
    'TypeMismatch',
    `$divide only supports numeric types, not ${typeName(first)} and ${typeName(second)}`,
  )
}

function modulo(first: Result, second: Result): Result {
  if (isNumber(first) && isNumber(second)) {
    const isDecimal = first instanceof Decimal128 || second instanceof Decimal128
    if (isZeroNumber(second)) throw new CommandError(isDecimal ? 5733415 : 16610, "can't $mod by zero")
    return remainder(first, second)
  }
  if (isNullish(first) || isNullish(second)) return null
  throw new CommandError(16611, `$mod only supports numeric types, not ${typeName(first)} and ${typeName(second)}`)
}

function power(base: Result, exponent: Result): Result {
  if (isNullish(base) || isNullish(exponent)) return null
  if (!isNumber(base)) throw new CommandError(28762, `$pow's base must be numeric, not ${typeName(base)}`)
  if (!isNumber(exponent)) throw new CommandError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`)
  if (toDouble(base) === 0 && toDouble(exponent) < 0) {
    throw new CommandError(28764, '$pow cannot take a base of 0 and a negative exponent')
  }
  const isDecimal = base instanceof Decimal128 || exponent instanceof Decimal128
  if (isDecimal) return powerOf(storedDecimal(toDecimal(base)), storedDecimal(toDecimal(exponent)))
  const double = toDouble(base) ** toDouble(exponent)
  if (typeof base === 'number' || typeof exponent === 'number') return double
  return integerPower(base as Int32 | bigint, exponent as Int32 | bigint, double)
}

/** Integers stay integers: int32 where both are and the result fits, else int64, else a double. */
function integerPower(base: Int32 | bigint, exponent: Int32 | bigint, double: number): Result {
  const times = toDouble(exponent)
  if (times < 0 && Math.abs(toDouble(base)) !== 1) return double
  if (Math.abs(double) > 2 ** 64) return double
  const whole = BigInt(base instanceof Int32 ? base.value : base) ** BigInt(Math.abs(times))
  const result = narrowest(whole)
  if (result instanceof Int32 && (typeof base === 'bigint' || typeof exponent === 'bigint')) return whole
  return result
}

function rootOf(value: NumberValue): Result {
  if (toDouble(value) < 0) throw new CommandError(28714, "$sqrt's argument must be greater than or equal to 0")
  return floating(value, Math.sqrt, squareRoot)
}

interface Logarithm {
  readonly name: string
  readonly code: number
  double(value: number): number
  decimal(value: Decimal128): Decimal128
}

function logarithm(value: NumberValue, rule: Logarithm): Result {
  if (!isAboveZero(value) && !isNaNValue(value))
    throw new CommandError(rule.code, `${rule.name}'s argument must be a positive number, but is ${toDouble(value)}`)
  return floating(value, rule.double, rule.decimal)
}

function isAboveZero(value: NumberValue): boolean {
  return toDouble(value) > 0 || (value instanceof Decimal128 && toDouble(value) === 0 && !isZeroNumber(value))
}

function logarithmToBase(value: Result, base: Result): Result {
  if (isNullish(value) || isNullish(base)) return null
  if (!isNumber(value)) throw new CommandError(28756, `$log's argument must be numeric, not ${typeName(value)}`)
  if (!isNumber(base)) throw new CommandError(28757, `$log's base must be numeric, not ${typeName(base)}`)
  const [argument, root] = [toDouble(value), toDouble(base)]
  if (!isAboveZero(value) && !isNaNValue(value))
    throw new CommandError(28758, `$log's argument must be a positive number, but is ${argument}`)
  if ((!isAboveZero(base) && !isNaNValue(base)) || root === 1)
    throw new CommandError(28759, `$log's base must be a positive number not equal to 1, but is ${root}`)
  const isDecimal = base instanceof Decimal128 || value instanceof Decimal128
  if (isDecimal) return logarithmTo(storedDecimal(toDecimal(base)), storedDecimal(toDecimal(value)))
  if (root === 2) return Math.log2(argument)
  return root === 10 ? Math.log10(argument) : Math.log(argument) / Math.log(root)
}

function unsupported(name: string, wanted: string, value: Result): CommandError {
  return new CommandError('TypeMismatch', `${name} only supports ${wanted} types, not ${typeName(value)}`)
}
