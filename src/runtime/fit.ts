// Makes documents of what was read, and validates them where their model asks for that.
import * as z from 'zod'
import { ValidationFailed, type ValidationIssue } from '../errors.ts'
import type { Plan } from '../models/plan.ts'
import { withNeeded } from '../models/selection.ts'
import { type DocumentBase, hydrate, modelOf, type RuntimeModel } from './document.ts'
import { readAll } from './execute.ts'

/** Reads the documents of a plan, with what is needed to write them again. */
export async function readDocuments(model: RuntimeModel, plan: Plan): Promise<DocumentBase[]> {
  const needed = withNeeded(model.definition, plan)
  return readInto(model, await readAll(model.definition, needed), needed.select)
}

/** Makes documents of stored bytes. Throws `ValidationFailed` for the first that does not fit, with `validateOnRead`. */
export async function readInto(
  model: RuntimeModel,
  stored: readonly Uint8Array[],
  select: readonly string[] = [],
): Promise<DocumentBase[]> {
  const documents = stored.map(bytes => hydrate(model, bytes, select))
  if (model.definition.validateOnRead) for (const document of documents) await refuseUnfit(document, select)
  return documents
}

/** Throws `ValidationFailed`, naming model and id, where a document does not fit; parts that were not read are not missed. */
export async function refuseUnfit(document: DocumentBase, select: readonly string[] = []): Promise<void> {
  const { modelName } = modelOf(document)
  const inPart = new Set(select.filter(path => path.includes('.')).map(path => path.replace(/^-/, '').split('.')[0]!))
  const issues = (await issuesOf(document)).filter(({ path }) => {
    const name = path.split('.')[0]!
    return !inPart.has(name) && (select.length === 0 || document[name] !== undefined)
  })
  if (issues.length > 0) throw new ValidationFailed(`${modelName} ${String(document._id)}`, issues)
}

/** Gives what does not fit in a document, whether it has changed or not. */
export async function issuesOf(document: DocumentBase): Promise<ValidationIssue[]> {
  const issues: ValidationIssue[] = []
  for (const field of modelOf(document).definition.fields) {
    if (field.kind === 'many' || field.marks.transient) continue
    const parsed = await z.safeParseAsync(field.schema as z.core.$ZodType, document[field.name])
    for (const issue of parsed.error?.issues ?? [])
      issues.push({ path: [field.name, ...issue.path.map(String)].join('.'), message: issue.message })
  }
  return issues
}
