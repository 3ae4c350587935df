// Remembers which values of a document have passed their schema, so that none is checked twice.
import { ObjectId } from 'mongodb'
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { refKey } from '../models/ref.ts'
import { fieldNamed, type Stored, toStored } from './codec.ts'
import { inClear } from './plaintext.ts'

/** What has come out of the schemas of a document. */
export interface Passed {
  /** As it would be stored: what the document is compared with, and what an insert sends. */
  readonly stored: Record<string, unknown>
  /** Copies of transient values, which are never stored. */
  readonly transient: Record<string, unknown>
  /** Whether every field has passed, and `stored` has them in their order. */
  isWhole: boolean
}

/** Notes what has come out of the schemas of all fields at once. */
export function passedAll(id: unknown, values: Stored, fields: readonly Field[]): Passed {
  const stored: Record<string, unknown> = { _id: id }
  const passed = { stored, transient: {}, isWhole: true }
  for (const field of fields) {
    const value = values[field.name]
    if (value === undefined) continue
    if (field.marks.transient) note(passed, field, value)
    else stored[field.name] = typeof value === 'object' || field.marks.encrypted ? toStored(value, field) : value
  }
  return passed
}

/** Notes what has come out of the schema of a field. */
export function passedOne(before: Passed | undefined, field: Field, value: unknown): Passed {
  const passed = before ?? { stored: {}, transient: {}, isWhole: false }
  if (!field.marks.transient && field.name in passed.stored !== (value !== undefined)) passed.isWhole = false
  note(passed, field, value)
  return passed
}

/** Tells whether a value is the one that has passed, in every part. */
export function hasPassed(passed: Passed | undefined, field: Field, value: unknown): boolean {
  if (!passed) return false
  const stored = field.marks.transient ? passed.transient[field.name] : passed.stored[field.name]
  if (value === undefined) return stored === undefined && passed.isWhole
  return stored === value || isStoredAs(stored, value, field)
}

/** Tells whether all fields of a document are as they have passed. */
export function haveAllPassed(
  passed: Passed | undefined,
  fields: readonly Field[],
  document: Readonly<Record<string, unknown>>,
): boolean {
  if (!passed?.isWhole) return false
  for (const field of fields) if (!hasPassed(passed, field, document[field.name])) return false
  return true
}

/** Compares a stored value with one in memory, part by part; what has a class of its own is only ever itself. */
export function isStoredAs(stored: unknown, value: unknown, field: Field | undefined): boolean {
  const clear = inClear(stored)
  if (clear === value) return true
  if (typeof value !== 'object' || value === null) return Object.is(clear, value)
  if (field?.ref) return isStoredAs(clear, refKey(value, field.ref), undefined)
  if (value instanceof ObjectId) return clear instanceof ObjectId && clear.equals(value)
  if (value instanceof Date) return clear instanceof Date && clear.getTime() === value.getTime()
  if (Array.isArray(value)) return isStoredList(clear, value, field?.element)
  return isPlain(value) && isPlain(clear) && isStoredObject(clear, value, field?.fields)
}

function isStoredList(stored: unknown, value: readonly unknown[], element: Field | undefined): boolean {
  if (!Array.isArray(stored) || stored.length !== value.length) return false
  for (let i = 0; i < value.length; i++) if (!isStoredAs(stored[i], value[i], element)) return false
  return true
}

// The order of keys counts, as it does for the server.
function isStoredObject(stored: Stored, value: Stored, fields: readonly Field[] | undefined): boolean {
  const keys = Object.keys(stored)
  let at = 0
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue
    if (keys[at++] !== name || !isStoredAs(stored[name], value[name], fieldNamed(fields, name))) return false
  }
  return at === keys.length
}

function note(passed: Passed, field: Field, value: unknown): void {
  const target = field.marks.transient ? passed.transient : passed.stored
  if (value === undefined) delete target[field.name]
  else target[field.name] = toStored(value, field)
}
