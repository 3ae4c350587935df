// Computes with numbers and dates: $add, $subtract, $multiply, $divide, $mod, $abs, $pow, roots and logarithms.
import { Decimal128, Int32 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { decimalOf, storedDecimal } from '../../values/decimal.ts'
import {
  add,
  divide,
  isInteger,
  isNumber,
  isZeroNumber,
  multiply,
  type NumberValue,
  narrowest,
  remainder,
  subtract,
  toDouble,
  truncated,
} from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { decimalFrom } from '../decimal-functions.ts'
import { binary, isNullish, type Operator, type OperatorTable, type Result, unary, variadic } from '../operator.ts'

export const arithmetic: OperatorTable = {
  $abs: numeric('$abs', absolute),
  $add: variadic(sum),
  $divide: binary(quotient),
  $exp: numeric('$exp', value => floating(value, Math.exp(toDouble(value)))),
  $ln: numeric('$ln', value => logarithm(value, Math.log, { name: '$ln', code: 28766 })),
  $log: binary(logarithmToBase),
  $log10: numeric('$log10', value => logarithm(value, Math.log10, { name: '$log10', code: 28761 })),
  $mod: binary(modulo),
  $multiply: variadic(product),
  $pow: binary(power),
  $sqrt: numeric('$sqrt', squareRoot),
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

/** A double, or a decimal where the operand is one. */
export function floating(operand: NumberValue, result: number): Result {
  return operand instanceof Decimal128 ? decimalFrom(result) : result
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
  const rounded = typeof by === 'number' ? Math.round(by) : Number(truncated(by) ?? Number.NaN)
  const moved = new Date(date.getTime() + rounded)
  if (Number.isNaN(moved.getTime())) throw new CommandError('Overflow', 'date overflow in $add')
  return moved
}

function difference(first: Result, second: Result): Result {
  if (isNullish(first) || isNullish(second)) return null
  if (isNumber(first) && isNumber(second)) return subtract(first, second)
  if (first instanceof Date && second instanceof Date) return BigInt(first.getTime() - second.getTime())
  if (first instanceof Date && isNumber(second)) return shifted(first, negated(second))
  throw new CommandError('TypeMismatch', `can't $subtract ${typeName(second)} from ${typeName(first)}`)
}

/** What is taken from a date counts without its fraction. */
function negated(amount: NumberValue): NumberValue {
  const whole = truncated(amount)
  return whole === undefined ? Number.NaN : Number(-whole)
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

function quotient(first: Result, second: Result): Result {
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
    if (isZeroNumber(second)) throw new CommandError(16610, "can't $mod by zero")
    return remainder(first, isWholeDouble(first, second) ? wholeOf(second) : second)
  }
  if (isNullish(first) || isNullish(second)) return null
  throw new CommandError(16611, `$mod only supports numeric types, not ${typeName(first)} and ${typeName(second)}`)
}

/** A double without a fraction counts as an integer beside an integer. */
function isWholeDouble(first: NumberValue, second: NumberValue): second is number {
  return isInteger(first) && typeof second === 'number' && Number.isInteger(second)
}

function wholeOf(double: number): NumberValue {
  return narrowest(BigInt(double))
}

function power(base: Result, exponent: Result): Result {
  if (isNullish(base) || isNullish(exponent)) return null
  if (!isNumber(base)) throw new CommandError(28762, `$pow's base must be numeric, not ${typeName(base)}`)
  if (!isNumber(exponent)) throw new CommandError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`)
  if (toDouble(base) === 0 && toDouble(exponent) < 0) {
    throw new CommandError(28764, '$pow cannot take a base of 0 and a negative exponent')
  }
  const double = toDouble(base) ** toDouble(exponent)
  if (base instanceof Decimal128 || exponent instanceof Decimal128) return decimalPower(base, exponent, double)
  if (typeof base === 'number' || typeof exponent === 'number') return double
  return integerPower(base, exponent, double)
}

function decimalPower(base: NumberValue, exponent: NumberValue, double: number): Result {
  const times = toDouble(exponent)
  if (!Number.isInteger(times) || times < 0 || times > 1000) return decimalFrom(double)
  let result: NumberValue = Decimal128.fromString('1')
  for (let time = 0; time < times; time++) result = multiply(result, base)
  return result
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

function squareRoot(value: NumberValue): Result {
  const double = toDouble(value)
  if (double < 0) throw new CommandError(28714, "$sqrt's argument must be greater than or equal to 0")
  return floating(value, Math.sqrt(double))
}

function logarithm(
  value: NumberValue,
  compute: (double: number) => number,
  rule: { name: string; code: number },
): Result {
  const double = toDouble(value)
  if (double <= 0)
    throw new CommandError(rule.code, `${rule.name}'s argument must be a positive number, but is ${double}`)
  return floating(value, compute(double))
}

function logarithmToBase(value: Result, base: Result): Result {
  if (isNullish(value) || isNullish(base)) return null
  if (!isNumber(value)) throw new CommandError(28756, `$log's argument must be numeric, not ${typeName(value)}`)
  if (!isNumber(base)) throw new CommandError(28757, `$log's base must be numeric, not ${typeName(base)}`)
  const argument = toDouble(value)
  const root = toDouble(base)
  if (argument <= 0) throw new CommandError(28758, `$log's argument must be a positive number, but is ${argument}`)
  if (root <= 0 || root === 1)
    throw new CommandError(28759, `$log's base must be a positive number not equal to 1, but is ${root}`)
  const result =
    root === 2 ? Math.log2(argument) : root === 10 ? Math.log10(argument) : Math.log(argument) / Math.log(root)
  return floating(base instanceof Decimal128 ? base : value, result)
}

function unsupported(name: string, wanted: string, value: Result): CommandError {
  return new CommandError('TypeMismatch', `${name} only supports ${wanted} types, not ${typeName(value)}`)
}
