// Writes values as the strings that string operators take them for.
import { BSONSymbol, Code, Decimal128, Int32, Timestamp } from 'mongodb'
import { CommandError } from '../errors.ts'
import { typeName } from '../values/type-names.ts'
import { isNullish, type Result } from './operator.ts'

/** The string for a number, date, string or null; other types are refused. */
export function stringFrom(value: Result): string {
  if (typeof value === 'string') return value
  if (isNullish(value)) return ''
  if (typeof value === 'number') return doubleText(value, value.toExponential(15))
  const text = simpleText(value)
  if (text !== undefined) return text
  if (value instanceof Code) return value.code
  if (value instanceof BSONSymbol) return value.value
  if (value instanceof Timestamp) return timestampText(value)
  throw new CommandError(16007, `can't convert from BSON type ${typeName(value)} to String`)
}

/** The text of numbers and dates. */
export function simpleText(value: Result): string | undefined {
  if (typeof value === 'number') return doubleText(value, value.toExponential())
  if (value instanceof Int32) return String(value.value)
  if (typeof value === 'bigint' || value instanceof Decimal128) return value.toString()
  return value instanceof Date ? dateText(value) : undefined
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new CommandError(18537, 'the date is outside of the years 0 to 9999')
  return date.toISOString()
}

/** Of the digits that are asked for those that matter; as a power of ten from 1e16 and below 1e-4. */
function doubleText(value: number, digits: string): string {
  if (Object.is(value, -0)) return '-0'
  if (!Number.isFinite(value)) return String(value)
  const [sign = '', whole = '', fraction = '', power = ''] = /^(-?)(\d)\.?(\d*?)0*e(.+)$/.exec(digits)!.slice(1)
  const exponent = Number(power)
  if (exponent < -4 || exponent > 15)
    return `${sign}${whole}${fraction && `.${fraction}`}e${power[0]}${power.slice(1).padStart(2, '0')}`
  if (exponent < 0) return `${sign}0.${whole.padStart(-exponent, '0')}${fraction}`
  const all = `${whole}${fraction.padEnd(exponent, '0')}`
  const rest = all.slice(exponent + 1)
  return `${sign}${all.slice(0, exponent + 1)}${rest && `.${rest}`}`
}

/** Timestamps are written for people: Nov 14 22:13:20:003. */
function timestampText(timestamp: Timestamp): string {
  const [, day, month, , clock] = new Date(timestamp.getHighBitsUnsigned() * 1000).toUTCString().split(' ')
  return `${month} ${day} ${clock}:${String(timestamp.getLowBitsUnsigned()).padStart(3, '0')}`
}
