// Validates the fields of a document that are new or changed.
import * as z from 'zod'
import { ValidationFailed, type ValidationIssue } from '../errors.ts'
import type { Field } from '../models/field.ts'
import type { Changes } from './changes.ts'
import { hasPassed, isSame, remember } from './checked.ts'
import { isEqualStored, toStored } from './codec.ts'
import { changesOf, type DocumentBase, modelOf } from './document.ts'

/** Validates, and takes over what the schemas convert. Throws `ValidationFailed` with every issue; waits only for schemas that do. */
export function validate(document: DocumentBase, changes?: Changes): Promise<void> | undefined {
  const issues: ValidationIssue[] = []
  const waiting: Promise<void>[] = []
  for (const field of fieldsToCheck(document, changes)) {
    if (field.kind === 'many') continue
    const value = document[field.name]
    if (hasPassed(document, field.name, value)) continue
    const parsed = parse(field, value)
    if (parsed instanceof Promise) waiting.push(parsed.then(result => take(document, field, result, issues)))
    else take(document, field, parsed, issues)
  }
  if (waiting.length === 0) return refuse(document, issues)
  return Promise.all(waiting).then(() => refuse(document, issues))
}

function refuse(document: DocumentBase, issues: readonly ValidationIssue[]): undefined {
  if (issues.length > 0) throw new ValidationFailed(modelOf(document).modelName, issues)
}

function fieldsToCheck(document: DocumentBase, changes: Changes | undefined): readonly Field[] {
  const { definition } = modelOf(document)
  if (document.isNew) return definition.fields
  const changed = new Set([...(changes ?? changesOf(document)).paths.keys()].map(path => path.split('.')[0]))
  return definition.fields.filter(field =>
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
  remember(document, field.name, parsed.data)
  if (isSame(parsed.data, value)) return
  // Lists and objects stay the ones the user holds, unless the schema made something else of them.
  if (typeof parsed.data !== 'object' || !isEqualStored(toStored(parsed.data, field), toStored(value, field)))
    document[field.name] = parsed.data
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
