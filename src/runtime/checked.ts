// Remembers which values of a new document have passed their schema, so that none is checked twice.
import { isReference } from '../models/ref.ts'

const passed = new WeakMap<object, Map<string, unknown>>()

/** Notes what has come out of a schema; a value that can change in place is not noted. */
export function remember(document: object, name: string, value: unknown): void {
  if (!isFixed(value)) return
  const there = passed.get(document)
  if (there) there.set(name, value)
  else passed.set(document, new Map([[name, value]]))
}

/** Gives the values that have passed, by field. */
export function checkedOf(document: object): ReadonlyMap<string, unknown> | undefined {
  return passed.get(document)
}

function isFixed(value: unknown): boolean {
  return (typeof value !== 'object' && value !== undefined) || value === null || isReference(value)
}
