// Tells whether two values are the same in value, type and form, so that storing changes nothing.
import { type Decimal128, Int32 } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { typeName } from './type-names.ts'
import { equalValues } from './values.ts'

export function isIdentical(a: Value, b: Value): boolean {
  if (a === b) return a !== 0 || Object.is(a, b)
  if (a instanceof Int32 && b instanceof Int32) return a.value === b.value
  const type = typeName(a)
  if (type !== typeName(b)) return false
  if (type === 'object') return areSameDocuments(a as Document, b as Document)
  if (type === 'array') return areSameArrays(a as Value[], b as Value[])
  if (type === 'double') return Object.is(a, b)
  if (type === 'decimal') return Buffer.compare((a as Decimal128).bytes, (b as Decimal128).bytes) === 0
  return equalValues(a, b)
}

function areSameDocuments(a: Document, b: Document): boolean {
  if (a.size !== b.size) return false
  const others = b.entries()
  for (const [name, value] of a) {
    const [otherName, otherValue] = others.next().value as [string, Value]
    if (name !== otherName || !isIdentical(value, otherValue)) return false
  }
  return true
}

function areSameArrays(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => isIdentical(value, b[index]!))
}
