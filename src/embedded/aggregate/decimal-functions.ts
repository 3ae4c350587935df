// Turns results of JavaScript's functions on doubles into decimal128.
import { Decimal128 } from 'mongodb'

/** The decimal with the shortest digits of a double. */
export function decimalFrom(double: number): Decimal128 {
  if (Number.isNaN(double)) return Decimal128.fromString('NaN')
  if (!Number.isFinite(double)) return Decimal128.fromString(double > 0 ? 'Infinity' : '-Infinity')
  return Decimal128.fromString(Object.is(double, -0) ? '-0' : String(double))
}
