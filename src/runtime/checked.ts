// Remembers which values of a document have passed their schema, so that none is checked twice.
import { Decimal128, Long, ObjectId } from 'mongodb'
import { isReference } from '../models/ref.ts'
import { isPlain } from './codec.ts'

const passed = new WeakMap<object, Record<string, unknown>>()

/** Notes what has come out of the schemas of all fields at once. */
export function rememberAll(
  document: object,
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const copies: Record<string, unknown> = {}
  for (const name of names) copies[name] = copyOf(values[name])
  passed.set(document, copies)
}

/** Notes what has come out of a schema. */
export function remember(document: object, name: string, value: unknown): void {
  const there = passed.get(document)
  if (there) there[name] = copyOf(value)
  else passed.set(document, { [name]: copyOf(value) })
}

/** Tells whether a value is the one that has passed, in every part. */
export function hasPassed(document: object, name: string, value: unknown): boolean {
  const there = passed.get(document)
  return there !== undefined && name in there && isSame(there[name], value)
}

/** Compares two values part by part; schemas copy lists and objects, and what has a class of its own only equals itself. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => key in b && isSame(a[key], b[key]))
}

// Stands for what may change without being told: it is never the same as anything.
const changeable = Symbol('changeable')

// What can change in place is copied, since the document holds the value itself.
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return new Date(value)
  if (Array.isArray(value)) return value.map(copyOf)
  if (isPlain(value)) return copyOfObject(value)
  return isFixed(value) ? value : changeable
}

function copyOfObject(value: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) copy[name] = copyOf(value[name])
  return copy
}

function isFixed(value: object): boolean {
  return isReference(value) || value instanceof ObjectId || value instanceof Decimal128 || value instanceof Long
}
