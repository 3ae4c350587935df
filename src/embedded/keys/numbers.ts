// Encodes numbers of every BSON type so that their bytes sort by exact value.
import { type Decimal128, Int32 } from 'mongodb'

/** The longest encoding of a number: a double, a mark and 34 digits behind an exponent. */
export const LONGEST_NUMBER = 64

const EXACT = 0
const BEYOND = 1
const EXPONENT_OFFSET = 0x4000

/** An exact decimal: `digits * 10 ** exponent`, digits without trailing zeros. */
interface Decimal {
  readonly negative: boolean
  readonly digits: string
  readonly exponent: number
}

/** Writes a number at `at` and gives the position behind it. Equal values give equal bytes, whatever their type. */
export function writeNumber(buffer: Buffer, at: number, value: number | Int32 | bigint | Decimal128): number {
  if (typeof value === 'number') return writeExact(buffer, at, value)
  if (value instanceof Int32) return writeExact(buffer, at, value.value)
  if (typeof value === 'bigint') return writeLong(buffer, at, value)
  return writeDecimal(buffer, at, value)
}

function writeExact(buffer: Buffer, at: number, value: number): number {
  const next = writeDouble(buffer, at, value)
  buffer[next] = EXACT
  return next + 1
}

/** NaN comes before all, as eight zero bytes; -0 is 0. */
function writeDouble(buffer: Buffer, at: number, value: number): number {
  if (Number.isNaN(value)) {
    buffer.fill(0, at, at + 8)
    return at + 8
  }
  buffer.writeDoubleBE(value + 0, at)
  const first = buffer[at]!
  if (first < 0x80) buffer[at] = first | 0x80
  else for (let i = at; i < at + 8; i++) buffer[i] = ~buffer[i]!
  return at + 8
}

function writeLong(buffer: Buffer, at: number, value: bigint): number {
  const near = Number(value)
  if (BigInt(near) === value) return writeExact(buffer, at, near)
  const floor = BigInt(near) > value ? below(near) : near
  return writeBeyond(buffer, at, floor, decimalOf(value < 0n, (value < 0n ? -value : value).toString(), 0))
}

function writeDecimal(buffer: Buffer, at: number, value: Decimal128): number {
  const text = value.toString()
  const near = Number(text)
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text)
  if (parts === null) return writeExact(buffer, at, near)
  const fraction = parts[3] ?? ''
  const decimal = decimalOf(parts[1] === '-', parts[2] + fraction, Number(parts[4] ?? 0) - fraction.length)
  if (decimal.digits === '') return writeExact(buffer, at, 0)
  const order = compareExact(decimal, near)
  if (order === 0) return writeExact(buffer, at, near)
  return writeBeyond(buffer, at, order < 0 ? below(near) : near, decimal)
}

function decimalOf(negative: boolean, text: string, exponent: number): Decimal {
  const digits = text.replace(/^0+/, '').replace(/0+$/, '')
  return { negative, digits, exponent: exponent + text.length - text.replace(/0+$/, '').length }
}

/** Compares an exact decimal that is not zero with the double nearest to it. */
function compareExact(decimal: Decimal, near: number): number {
  if (near === Number.POSITIVE_INFINITY) return -1
  if (near === Number.NEGATIVE_INFINITY) return 1
  if (near === 0) return decimal.negative ? -1 : 1
  const { mantissa, power } = partsOf(near)
  let left = BigInt(decimal.digits) * (decimal.negative ? -1n : 1n)
  let right = mantissa
  if (decimal.exponent >= 0) left *= 10n ** BigInt(decimal.exponent)
  else right *= 10n ** BigInt(-decimal.exponent)
  if (power >= 0) right <<= BigInt(power)
  else left <<= BigInt(-power)
  return left < right ? -1 : left > right ? 1 : 0
}

const view = new DataView(new ArrayBuffer(8))

/** Takes a finite double apart: `mantissa * 2 ** power`. */
function partsOf(value: number): { mantissa: bigint; power: number } {
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n
  return { mantissa: value < 0 ? -mantissa : mantissa, power: Math.max(exponent, 1) - 1075 }
}

/** The next smaller double. */
function below(value: number): number {
  if (value === 0) return -Number.MIN_VALUE
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n))
  return view.getFloat64(0)
}

/** Writes the largest double below the value, then the whole value in decimal to order those that share the double. */
function writeBeyond(buffer: Buffer, at: number, floor: number, decimal: Decimal): number {
  const start = writeDouble(buffer, at, floor)
  buffer[start] = BEYOND
  let next = buffer.writeUInt16BE(EXPONENT_OFFSET + decimal.exponent + decimal.digits.length, start + 1)
  for (const digit of decimal.digits) buffer[next++] = digit.charCodeAt(0) - 47
  buffer[next++] = 0
  if (decimal.negative) for (let i = start + 1; i < next; i++) buffer[i] = ~buffer[i]!
  return next
}
