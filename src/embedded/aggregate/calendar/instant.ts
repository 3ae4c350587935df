// Takes values for dates: dates, timestamps and ObjectIds hold an instant.
import { ObjectId, Timestamp } from 'mongodb'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import type { Result } from '../operator.ts'

/** Milliseconds since 1970, or undefined for a value of another type. */
export function instantIn(value: Result): number | undefined {
  if (value instanceof Date) return computable(value.getTime())
  if (value instanceof Timestamp) return value.getHighBitsUnsigned() * 1000
  if (value instanceof ObjectId) return value.getTimestamp().getTime()
  return undefined
}

/** A date that JavaScript cannot hold is kept as it is stored, but not computed with. */
function computable(instant: number): number {
  if (!Number.isNaN(instant)) return instant
  throw new CommandError('Overflow', 'dates beyond 275,760 years are stored, but not computed with')
}

export function instantFrom(value: Result): number {
  const instant = instantIn(value)
  if (instant !== undefined) return instant
  throw new CommandError(16006, `can't convert from BSON type ${typeName(value)} to Date`)
}
