// Equates values as schemas do: like everywhere, except that the order of fields does not matter.
import type { Value } from '../bson/decode.ts'
import { compareStrings, hashValue } from '../values/values.ts'

export function areSame(a: Value, b: Value): boolean {
  return sameKey(a) === sameKey(b)
}

/** Gives equal text for values that are the same. */
export function sameKey(value: Value): string {
  return hashValue(sortedFields(value))
}

function sortedFields(value: Value): Value {
  if (Array.isArray(value)) return value.map(sortedFields)
  if (!(value instanceof Map)) return value
  const names = [...value.keys()].sort(compareStrings)
  return new Map(names.map(name => [name, sortedFields(value.get(name)!)] as const))
}
