// Stored documents that do not fit their model: found and told, never changed.
import * as z from 'zod'
import type { ValidationIssue } from '../errors.ts'
import type { Plan } from '../models/plan.ts'
import { type DocumentBase, hydrate, type RuntimeModel } from './document.ts'
import { readBatches } from './execute.ts'

/** A stored document that does not fit. */
export interface Finding {
  readonly _id: unknown
  readonly issues: readonly ValidationIssue[]
}

/** Validates what a plan finds, batch by batch. */
export async function findingsOf(model: RuntimeModel, plan: Plan): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for await (const batch of readBatches(model.definition, plan)) {
    for (const bytes of batch) {
      const document = hydrate(model, bytes)
      const issues = await issuesOf(model, document)
      if (issues.length > 0) findings.push({ _id: document._id, issues })
    }
  }
  return findings
}

async function issuesOf(model: RuntimeModel, document: DocumentBase): Promise<ValidationIssue[]> {
  const issues: ValidationIssue[] = []
  for (const field of model.definition.fields) {
    if (field.kind === 'many' || field.marks.transient) continue
    const parsed = await z.safeParseAsync(field.schema as z.core.$ZodType, document[field.name])
    for (const issue of parsed.error?.issues ?? [])
      issues.push({ path: [field.name, ...issue.path.map(String)].join('.'), message: issue.message })
  }
  return issues
}
