// Checks one path of an update, and turns its value into what is stored.
import * as z from 'zod'
import { GooseError, UnknownPath, ValidationFailed } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { suggestion } from './nearest.ts'
import { findPath, pathNames } from './path.ts'
import { faultIn } from './storable.ts'

/** What turns a checked value into its stored form. */
export type ToStored = (value: unknown, field: Field | undefined) => unknown

/** What an update is checked against. */
export interface Check {
  readonly definition: ModelDefinition
  readonly toStored: ToStored
}

/** Finds the field that an update writes. Throws `UnknownPath`, or `INVALID_UPDATE` for one that is never written. */
export function writtenField(check: Check, path: string): Field | undefined {
  const { definition } = check
  const found = findPath(definition, path)
  if (!found.known)
    throw new UnknownPath({ model: definition.name, path, nearest: suggestion(path, pathNames(definition)) })
  if (path === '_id' || path.startsWith('_id.'))
    throw invalid(definition, 'the _id of a document never changes', 'insert a new document')
  if (found.field?.marks.transient)
    throw invalid(definition, `"${path}" is transient: it is never stored`, 'set it on a document and save that')
  return found.field
}

/** Checks a value that a path is set to. */
export function checkValue(check: Check, path: string, value: unknown): unknown {
  const field = writtenField(check, path)
  return field ? parsedBy(check, field, path, value) : check.toStored(value, undefined)
}

/** Gives the stored form of what the schema of a field makes of a value. */
export function parsedBy(check: Check, field: Field, path: string, value: unknown): unknown {
  const result = z.safeParse(field.schema as z.core.$ZodType, value)
  if (result.success) return check.toStored(result.data, field)
  const issues = result.error.issues.map(issue => ({
    path: [path, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))
  throw new ValidationFailed(check.definition.name, issues)
}

/** Checks that a path may go. */
export function checkUnset(check: Check, path: string, value: unknown): unknown {
  const field = writtenField(check, path)
  if (field && !field.optional && !field.defaultOf && !/\.(\d+|\$)/.test(path))
    throw invalid(check.definition, `"${path}" is required`, 'give it another value')
  return value
}

/** Refuses what the driver would leave out, or store as something else. */
export function refuseUnkept(check: Check, path: string, value: unknown): void {
  const fault = value === undefined ? { path, reason: 'is undefined' } : faultIn(value, path)
  if (fault) throw invalid(check.definition, `"${fault.path}" ${fault.reason}`, 'give it a value, or use $unset')
}

/** Says what is wrong with an update. */
export function invalid(definition: ModelDefinition, reason: string, hint: string): GooseError {
  return new GooseError('INVALID_UPDATE', { model: definition.name, reason, hint })
}
