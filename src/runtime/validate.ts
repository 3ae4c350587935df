// Validates the fields of a document that are new or changed.
import * as z from 'zod'
import { ValidationFailed, type ValidationIssue } from '../errors.ts'
import type { Field } from '../models/field.ts'
import { isEqualStored, toStored } from './codec.ts'
import { changesOf, type DocumentBase, modelOf } from './document.ts'

/** Validates, and takes over what the schemas convert. Throws `ValidationFailed` with every issue. */
export async function validate(document: DocumentBase): Promise<void> {
  const model = modelOf(document)
  const issues: ValidationIssue[] = []
  for (const field of fieldsToCheck(document)) await check(document, field, issues)
  if (issues.length > 0) throw new ValidationFailed(model.modelName, issues)
}

function fieldsToCheck(document: DocumentBase): readonly Field[] {
  const { definition } = modelOf(document)
  if (document.isNew) return definition.fields.filter(field => field.kind !== 'many')
  const changed = new Set([...changesOf(document).paths.keys()].map(path => path.split('.')[0]))
  return definition.fields.filter(field =>
    field.marks.transient ? document[field.name] !== undefined : changed.has(field.name),
  )
}

async function check(document: DocumentBase, field: Field, issues: ValidationIssue[]): Promise<void> {
  const value = document[field.name]
  const parsed = await parse(field, value)
  if (!parsed.success) {
    issues.push(
      ...parsed.error.issues.map(issue => ({
        path: [field.name, ...issue.path.map(String)].join('.'),
        message: sentence(issue, value),
      })),
    )
    return
  }
  if (parsed.data === undefined && value === undefined) return
  // Lists and objects stay the ones the user holds, unless the schema made something else of them.
  if (typeof parsed.data !== 'object' || !isEqualStored(toStored(parsed.data, field), toStored(value, field)))
    document[field.name] = parsed.data
}

async function parse(field: Field, value: unknown) {
  const schema = field.schema as z.core.$ZodType
  try {
    return z.safeParse(schema, value)
  } catch (error) {
    if (error instanceof z.core.$ZodAsyncError) return z.safeParseAsync(schema, value)
    throw error
  }
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.path.length === 0) return 'is required'
  return issue.message.replace(/^Invalid input: /, '')
}
