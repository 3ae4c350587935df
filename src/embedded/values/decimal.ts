// Computes with decimal128 exactly, rounding results to 34 digits half to even.
import { Decimal128 } from 'mongodb'

/** A decimal number taken apart: (-1)^negative * coefficient * 10^exponent, or a special value. */
export interface Decimal {
  readonly special: '' | 'Infinity' | 'NaN'
  readonly negative: boolean
  readonly coefficient: bigint
  readonly exponent: number
}

export type Rounding = 'half-even' | 'truncate' | 'floor' | 'ceiling'

const DIGITS = 34
const LARGEST = 10n ** 34n - 1n
const BIAS = 6176
const MIN_EXPONENT = -6176
const MAX_EXPONENT = 6111
const NAN: Decimal = { special: 'NaN', negative: false, coefficient: 0n, exponent: 0 }

/** Takes the stored bytes apart. */
export function decimalOf(stored: Decimal128): Decimal {
  const view = new DataView(stored.bytes.buffer, stored.bytes.byteOffset, 16)
  const high = view.getBigUint64(8, true)
  const low = view.getBigUint64(0, true)
  const negative = high >> 63n === 1n
  const combination = Number((high >> 58n) & 31n)
  if (combination === 31) return NAN
  if (combination === 30) return infinity(negative)
  if (combination >= 24) return finite(negative, 0n, Number((high >> 47n) & 0x3fffn) - BIAS)
  const coefficient = ((high & 0x1ffffffffffffn) << 64n) | low
  return finite(negative, coefficient > LARGEST ? 0n : coefficient, Number((high >> 49n) & 0x3fffn) - BIAS)
}

/** Puts a decimal into its stored form, rounding what does not fit. */
export function storedDecimal(decimal: Decimal): Decimal128 {
  if (decimal.special === 'NaN') return fromBits(0x7c00000000000000n, 0n)
  const sign = decimal.negative ? 1n << 63n : 0n
  const fitting = fitted(decimal)
  if (fitting.special === 'Infinity') return fromBits(sign | 0x7800000000000000n, 0n)
  const exponent = BigInt(fitting.exponent + BIAS) << 49n
  return fromBits(sign | exponent | (fitting.coefficient >> 64n), fitting.coefficient & 0xffffffffffffffffn)
}

export function decimalFromInteger(integer: bigint): Decimal {
  return finite(integer < 0n, integer < 0n ? -integer : integer, 0)
}

/** Converts as the server does in arithmetic: to 15 significant digits. */
export function decimalFromDouble(double: number): Decimal {
  if (Number.isNaN(double)) return NAN
  if (!Number.isFinite(double)) return infinity(double < 0)
  if (double === 0) return finite(Object.is(double, -0), 0n, 0)
  const [digits = '', exponent = ''] = Math.abs(double).toExponential(14).split('e')
  return finite(double < 0, BigInt(digits.replace('.', '')), Number(exponent) - 14)
}

/** Converts without any rounding; every finite double has an exact decimal expansion. */
export function exactDecimal(double: number): Decimal {
  if (Number.isNaN(double)) return NAN
  if (!Number.isFinite(double)) return infinity(double < 0)
  let exponent = 0
  let mantissa = Math.abs(double)
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent++
  }
  return finite(double < 0, BigInt(mantissa) * 5n ** BigInt(exponent), -exponent)
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN' || b.special === 'NaN') return NAN
  if (a.special !== '') return b.special !== '' && a.negative !== b.negative ? NAN : a
  if (b.special !== '') return b
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = signed(a) * power(a.exponent - exponent) + signed(b) * power(b.exponent - exponent)
  const negative = sum === 0n ? a.negative && b.negative : sum < 0n
  return fitted(finite(negative, sum < 0n ? -sum : sum, exponent))
}

export function negateDecimal(decimal: Decimal): Decimal {
  return { ...decimal, negative: !decimal.negative }
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN' || b.special === 'NaN') return NAN
  const negative = a.negative !== b.negative
  if (a.special !== '' || b.special !== '') return isZero(a) || isZero(b) ? NAN : infinity(negative)
  return fitted(finite(negative, a.coefficient * b.coefficient, a.exponent + b.exponent))
}

/** Divides; the exponent comes as near to the difference of the exponents as the digits allow. */
export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special === 'NaN' || b.special === 'NaN') return NAN
  const negative = a.negative !== b.negative
  if (a.special !== '') return b.special !== '' ? NAN : infinity(negative)
  const ideal = a.exponent - b.exponent
  if (b.special !== '') return finite(negative, 0n, MIN_EXPONENT)
  if (isZero(b)) return isZero(a) ? NAN : infinity(negative)
  if (isZero(a)) return fitted(finite(negative, 0n, ideal))
  const shift = Math.max(0, digitsOf(b.coefficient) - digitsOf(a.coefficient) + DIGITS + 2)
  const scaled = a.coefficient * power(shift)
  const quotient = scaled / b.coefficient
  if (scaled % b.coefficient === 0n) return fitted(shorten(finite(negative, quotient, ideal - shift), ideal))
  // an odd digit behind the last one stands for the rest, so that no tie is seen where there is none
  return fitted(finite(negative, quotient * 10n + 1n, ideal - shift - 1))
}

/** The remainder has the sign of the dividend, as in C's fmod. */
export function remainderOfDecimals(a: Decimal, b: Decimal): Decimal {
  if (a.special !== '' || b.special === 'NaN' || (b.special === '' && isZero(b))) return NAN
  if (b.special !== '') return a
  const exponent = Math.min(a.exponent, b.exponent)
  const rest = (a.coefficient * power(a.exponent - exponent)) % (b.coefficient * power(b.exponent - exponent))
  return fitted(finite(a.negative, rest, exponent))
}

/** Compares by value; NaN is less than all and equal to itself, as in BSON order. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.special === 'NaN' || b.special === 'NaN') return Number(b.special === 'NaN') - Number(a.special === 'NaN')
  if (a.special !== '' || b.special !== '') return magnitudeOfSpecial(a) - magnitudeOfSpecial(b)
  const exponent = Math.min(a.exponent, b.exponent)
  const left = signed(a) * power(a.exponent - exponent)
  const right = signed(b) * power(b.exponent - exponent)
  return left < right ? -1 : left > right ? 1 : 0
}

/** Rounds to a multiple of 10^exponent; numbers that already are one keep their form. */
export function roundDecimal(decimal: Decimal, exponent: number, options: { readonly rounding: Rounding }): Decimal {
  if (decimal.special !== '' || decimal.exponent >= exponent) return decimal
  const unit = power(exponent - decimal.exponent)
  const quotient = decimal.coefficient / unit
  const rest = decimal.coefficient % unit
  const up = roundsUp({ quotient, rest, unit, negative: decimal.negative }, options.rounding)
  return finite(decimal.negative, up ? quotient + 1n : quotient, exponent)
}

/** Gives the number with zeros down to 10^exponent, as far as 34 digits reach. */
export function padded(decimal: Decimal, exponent: number): Decimal {
  if (decimal.special !== '' || decimal.exponent <= exponent) return decimal
  if (decimal.coefficient === 0n) return finite(decimal.negative, 0n, exponent)
  const zeros = Math.min(decimal.exponent - exponent, DIGITS - digitsOf(decimal.coefficient))
  return finite(decimal.negative, decimal.coefficient * power(zeros), decimal.exponent - zeros)
}

/** Gives the integer part; special values have none. */
export function integerPart(decimal: Decimal): bigint | undefined {
  if (decimal.special !== '') return undefined
  if (decimal.exponent >= 0) return signed(decimal) * power(decimal.exponent)
  return signed(decimal) / power(-decimal.exponent)
}

/** Takes trailing zeros off the coefficient, up to an exponent. */
export function shorten(decimal: Decimal, limit: number = Number.POSITIVE_INFINITY): Decimal {
  let { coefficient, exponent } = decimal
  if (coefficient === 0n) return finite(decimal.negative, 0n, 0)
  while (exponent < limit && coefficient % 10n === 0n) {
    coefficient /= 10n
    exponent++
  }
  return finite(decimal.negative, coefficient, exponent)
}

function finite(negative: boolean, coefficient: bigint, exponent: number): Decimal {
  return { special: '', negative, coefficient, exponent }
}

function infinity(negative: boolean): Decimal {
  return { special: 'Infinity', negative, coefficient: 0n, exponent: 0 }
}

function isZero(decimal: Decimal): boolean {
  return decimal.special === '' && decimal.coefficient === 0n
}

function signed(decimal: Decimal): bigint {
  return decimal.negative ? -decimal.coefficient : decimal.coefficient
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}

function digitsOf(coefficient: bigint): number {
  return coefficient.toString().length
}

function magnitudeOfSpecial(decimal: Decimal): number {
  if (decimal.special === '') return 0
  return decimal.negative ? -1 : 1
}

/** Rounds to 34 digits and into the range of exponents. */
function fitted(decimal: Decimal): Decimal {
  if (decimal.special !== '') return decimal
  const excess = Math.max(digitsOf(decimal.coefficient) - DIGITS, MIN_EXPONENT - decimal.exponent)
  let fitting = decimal
  if (excess > 0) fitting = roundDecimal(decimal, decimal.exponent + excess, { rounding: 'half-even' })
  if (fitting.coefficient > LARGEST) fitting = finite(fitting.negative, fitting.coefficient / 10n, fitting.exponent + 1)
  if (fitting.exponent <= MAX_EXPONENT) return fitting
  if (fitting.coefficient === 0n) return finite(fitting.negative, 0n, MAX_EXPONENT)
  const room = fitting.exponent - MAX_EXPONENT
  if (digitsOf(fitting.coefficient) + room > DIGITS) return infinity(fitting.negative)
  return finite(fitting.negative, fitting.coefficient * power(room), MAX_EXPONENT)
}

interface Division {
  readonly quotient: bigint
  readonly rest: bigint
  readonly unit: bigint
  readonly negative: boolean
}

function roundsUp({ quotient, rest, unit, negative }: Division, rounding: Rounding): boolean {
  if (rest === 0n || rounding === 'truncate') return false
  if (rounding === 'floor') return negative
  if (rounding === 'ceiling') return !negative
  const twice = rest * 2n
  return twice > unit || (twice === unit && quotient % 2n === 1n)
}

function fromBits(high: bigint, low: bigint): Decimal128 {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeBigUInt64LE(low, 0)
  bytes.writeBigUInt64LE(high, 8)
  return new Decimal128(bytes)
}
