// Validates the fields of a document that are new or changed.
import * as z from 'zod'
import { GooseError, ValidationFailed, type ValidationIssue } from '../errors.ts'
import type { Field } from '../models/field.ts'
import { isObjectId, isPlain } from '../models/plain.ts'
import { extentOf } from '../models/selection.ts'
import type { Changes } from './changes.ts'
import { hasPassed, haveAllPassed, passedOne } from './checked.ts'
import { isEqualStored, toStored } from './codec.ts'
import { changesOf, DocumentBase, modelOf } from './document.ts'
import { withLost } from './missing.ts'
import { codecOf } from './model-codec.ts'

/** Validates, and takes over what the schemas convert. Throws `ValidationFailed` with every issue; waits only for schemas that do. */
export function validate(document: DocumentBase, changes?: Changes): Promise<void> | undefined {
  const fields = fieldsToCheck(document, changes)
  refuseParts(document, fields)
  refuseId(document)
  const { passed } = DocumentBase.stateOf(document)
  if (haveAllPassed(passed, fields, document)) return undefined
  const issues: ValidationIssue[] = []
  const waiting: Promise<void>[] = []
  for (const field of fields) {
    const value = document[field.name]
    if (hasPassed(passed, field, value)) continue
    const parsed = parse(field, withLost(value, field))
    if (parsed instanceof Promise) waiting.push(parsed.then(result => take(document, field, result, issues)))
    else take(document, field, parsed, issues)
  }
  if (waiting.length === 0) return refuse(document, issues)
  return Promise.all(waiting).then(() => refuse(document, issues))
}

function refuse(document: DocumentBase, issues: readonly ValidationIssue[]): undefined {
  if (issues.length > 0) throw new ValidationFailed(modelOf(document).modelName, issues)
}

// Ids that the fields do not declare are ObjectIds: another one would never be found by its text.
function refuseId(document: DocumentBase): void {
  if (!document.isNew || isObjectId(document._id) || modelOf(document).definition.fieldByName.has('_id')) return
  refuse(document, [{ path: '_id', message: 'expected an ObjectId or 24 hex digits' }])
}

// What was not read of a list or an object would be lost.
function refuseParts(document: DocumentBase, fields: readonly Field[]): void {
  const { select } = DocumentBase.stateOf(document)
  if (select.length === 0) return
  const part = fields.find(field => extentOf(select, field.name) === 'part')
  if (part)
    throw new GooseError('INVALID_UPDATE', {
      model: modelOf(document).modelName,
      reason: `"${part.name}" was read in part`,
      hint: `read "${part.name}" as a whole to save it, or use update()`,
    })
}

function fieldsToCheck(document: DocumentBase, changes: Changes | undefined): readonly Field[] {
  const { definition } = modelOf(document)
  if (document.isNew) return codecOf(definition).own
  const changed = new Set([...(changes ?? changesOf(document)).paths.keys()].map(path => path.split('.')[0]))
  return codecOf(definition).own.filter(field =>
    field.marks.transient ? document[field.name] !== undefined : changed.has(field.name),
  )
}

type Parsed = z.ZodSafeParseResult<unknown>

function take(document: DocumentBase, field: Field, parsed: Parsed, issues: ValidationIssue[]): void {
  const value = document[field.name]
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      issues.push({ path: [field.name, ...issue.path.map(String)].join('.'), message: sentence(issue, value) })
    return
  }
  const state = DocumentBase.stateOf(document)
  state.passed = passedOne(state.passed, field, parsed.data)
  if (parsed.data === value) return
  // Lists and objects stay the ones the user holds, unless the schema made something else of them.
  if (typeof parsed.data !== 'object' || parsed.data === null || isOther(field, parsed.data, value))
    document[field.name] = parsed.data
}

// An id given for a reference is stored alike, and yet is to become one.
function isOther(field: Field, parsed: unknown, value: unknown): boolean {
  return holdsId(field, value) || !isEqualStored(toStored(parsed, field), toStored(value, field))
}

function holdsId(field: Field, value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (field.ref) return typeof value !== 'object' || !('load' in value)
  if (field.element && Array.isArray(value)) return value.some(item => holdsId(field.element!, item))
  return isPlain(value) && (field.fields ?? []).some(inner => holdsId(inner, value[inner.name]))
}

function parse(field: Field, value: unknown): Parsed | Promise<Parsed> {
  const schema = field.schema as z.core.$ZodType
  try {
    return z.safeParse(schema, value) as Parsed
  } catch (error) {
    if (error instanceof z.core.$ZodAsyncError) return z.safeParseAsync(schema, value) as Promise<Parsed>
    throw error
  }
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.path.length === 0) return 'is required'
  return issue.message.replace(/^Invalid input: /, '')
}
