// Converts values between types, as $convert and the $to… operators do.
import { Binary, Decimal128, Int32, ObjectId, Timestamp } from 'mongodb'
import { int32, type Value, WideDate } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { storedDecimal } from '../values/decimal.ts'
import { isInt64, isNumber, isZeroNumber, type NumberValue, toDecimal, toDouble, truncated } from '../values/numbers.ts'
import { type TypeName, typeName } from '../values/type-names.ts'
import { type BinaryFormat, binaryOf, textOfBinary } from './binary-text.ts'
import { readDate } from './calendar/read.ts'
import { simpleText } from './string-form.ts'
import { isTruthy } from './truth.ts'

/** How binary data is meant. */
export interface BinaryOptions {
  readonly subtype: number
  /** the text that binary data is written as; undefined where none is named */
  readonly format: BinaryFormat | undefined
}

type Conversion = (value: Value, binary: BinaryOptions) => Value | undefined

const conversions: Partial<Readonly<Record<TypeName, Conversion>>> = {
  binData: (value, binary) => (typeof value === 'string' ? fromText(value, binary) : undefined),
  bool: value => isTruthy(value),
  date: toDate,
  decimal: toDecimal128,
  double: toNumber,
  int: value => (value instanceof Date ? undefined : toInt32(value)),
  long: value => toInt64(value),
  objectId: toObjectId,
  string: toText,
}

/** Converts a value that is not null; throws ConversionFailure when it cannot be. */
export function convertTo(type: TypeName, value: Value, binary: BinaryOptions): Value {
  const from = typeName(value)
  if (from === type && isOfSubtype(value, binary)) return value
  const converted = conversions[type]?.(value, binary)
  if (converted !== undefined) return converted
  throw failure(`Unsupported conversion from ${from} to ${type} in $convert with no onError value`)
}

function isOfSubtype(value: Value, { subtype }: BinaryOptions): boolean {
  return !(value instanceof Binary) || value.sub_type === subtype
}

function failure(message: string): CommandError {
  return new CommandError('ConversionFailure', message)
}

function parseFailure(text: string, why: string): CommandError {
  return failure(`Failed to parse number '${text}' in $convert with no onError value: ${why}`)
}

function toDate(value: Value): Date | undefined {
  if (typeof value === 'string') return new Date(readDate(value))
  if (value instanceof ObjectId) return value.getTimestamp()
  if (value instanceof Timestamp) return new Date(value.getHighBitsUnsigned() * 1000)
  if (!isNumber(value) || value instanceof Int32) return undefined
  const milliseconds = integerPart(value, 'long')
  const date = new Date(Number(milliseconds))
  if (!Number.isNaN(date.getTime())) return date
  if (isInt64(milliseconds)) return new WideDate(milliseconds)
  throw failure('Conversion would overflow target type in $convert with no onError value')
}

function toDecimal128(value: Value): Decimal128 | undefined {
  if (typeof value === 'string') return decimalFromText(value)
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0')
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()))
  return isNumber(value) ? storedDecimal(toDecimal(value)) : undefined
}

function decimalFromText(text: string): Decimal128 {
  try {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?(inf|infinity|nan)$/i.test(text)) throw new RangeError(text)
    return Decimal128.fromStringWithRounding(text)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw parseFailure(text, 'Failed to parse string to decimal')
  }
}

function toNumber(value: Value): number | undefined {
  if (typeof value === 'string') return doubleFromText(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.getTime()
  if (!isNumber(value)) return undefined
  const double = toDouble(value)
  if (value instanceof Decimal128 && !isFaithful(value, double)) {
    throw failure('Conversion would overflow target type in $convert with no onError value')
  }
  return double
}

/** A decimal beyond the doubles, or too small for one, cannot become one. */
function isFaithful(decimal: Decimal128, double: number): boolean {
  const isSpecial = truncated(decimal) === undefined
  return isSpecial || (Number.isFinite(double) && (double !== 0 || isZeroNumber(decimal)))
}

function doubleFromText(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special) {
    if (special[2]!.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw parseFailure(text, 'Did not consume whole string.')
  const double = Number(text)
  if (!Number.isFinite(double)) throw parseFailure(text, 'Out of range')
  return double
}

function toInt32(value: Value): Int32 | undefined {
  if (typeof value === 'boolean') return int32(value ? 1 : 0)
  if (typeof value !== 'string' && !isNumber(value)) return undefined
  const integer = typeof value === 'string' ? integerFromText(value) : integerPart(value, 'int')
  if (integer >= -2147483648n && integer <= 2147483647n) return int32(Number(integer))
  throw failure('Conversion would overflow target type in $convert with no onError value')
}

function toInt64(value: Value): bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (value instanceof Date) return BigInt(value.getTime())
  if (typeof value !== 'string' && !isNumber(value)) return undefined
  const integer = typeof value === 'string' ? integerFromText(value) : integerPart(value, 'long')
  if (isInt64(integer)) return integer
  throw failure('Conversion would overflow target type in $convert with no onError value')
}

function integerFromText(text: string): bigint {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''))
  throw parseFailure(text, text === '' ? 'No digits' : 'Did not consume whole string.')
}

function integerPart(value: NumberValue, type: TypeName): bigint {
  const integer = truncated(value)
  if (integer !== undefined) return integer
  throw failure(`Attempt to convert NaN or infinity value to ${type} in $convert with no onError value`)
}

function toObjectId(value: Value): ObjectId | undefined {
  if (typeof value !== 'string') return undefined
  if (/^[0-9a-f]{24}$/i.test(value)) return ObjectId.createFromHexString(value)
  throw failure(
    `Failed to parse objectId '${value}' in $convert with no onError value: Invalid string length for parsing to OID, expected 24 but found ${value.length}`,
  )
}

function toText(value: Value, { format }: BinaryOptions): string | undefined {
  if (typeof value === 'boolean') return String(value)
  if (value instanceof ObjectId) return value.toHexString()
  if (value instanceof Binary) return textOfBinary(value, format ?? missingFormat('binData', 'string'))
  return simpleText(value)
}

function fromText(text: string, { subtype, format }: BinaryOptions): Binary {
  return binaryOf(text, format ?? missingFormat('string', 'binData'), subtype)
}

function missingFormat(from: TypeName, to: TypeName): never {
  throw new CommandError(4341115, `Format must be specified when converting from '${from}' to '${to}'`)
}
