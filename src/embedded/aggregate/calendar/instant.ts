// Takes values for dates: dates, timestamps and ObjectIds hold an instant.
import { ObjectId, Timestamp } from 'mongodb'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../type-names.ts'
import type { Result } from '../operator.ts'

/** Milliseconds since 1970, or undefined for a value of another type. */
export function instantIn(value: Result): number | undefined {
  if (value instanceof Date) return value.getTime()
  if (value instanceof Timestamp) return value.getHighBitsUnsigned() * 1000
  if (value instanceof ObjectId) return value.getTimestamp().getTime()
  return undefined
}

export function instantFrom(value: Result): number {
  const instant = instantIn(value)
  if (instant !== undefined) return instant
  throw new CommandError(16006, `can't convert from BSON type ${typeName(value)} to Date`)
}
