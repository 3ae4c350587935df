// Tells a plain object from dates, BSON values and documents.
import { ObjectId } from 'mongodb'

/** Tells whether a value is a plain object. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Tells an ObjectId, also of another copy of the driver. */
export function isObjectId(value: unknown): value is ObjectId {
  return (
    value instanceof ObjectId ||
    (value as { readonly _bsontype?: unknown } | null | undefined)?._bsontype === 'ObjectId'
  )
}

/** Tells whether a value is an object of operators, such as `{ $gt: 5 }`. */
export function isOperators(value: unknown): value is Record<string, unknown> {
  return isPlain(value) && Object.keys(value).some(key => key.startsWith('$'))
}
