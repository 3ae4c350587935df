// Stored documents that do not fit their model: found and told, never changed.
import type { ValidationIssue } from '../errors.ts'
import type { Plan } from '../models/plan.ts'
import { hydrate, type RuntimeModel } from './document.ts'
import { readBatches } from './execute.ts'
import { issuesOf } from './fit.ts'

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
      const issues = await issuesOf(document)
      if (issues.length > 0) findings.push({ _id: document._id, issues })
    }
  }
  return findings
}
