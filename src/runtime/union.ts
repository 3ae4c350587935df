// Reads a collection and its archive as one, by $unionWith.
import { BSON, type Collection, type Document, type FindOptions } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'

/** Gives the pipeline that finds in two collections what a plan asks for. */
export function unionStages(plan: Plan, filter: Document, options: FindOptions): Document[] {
  return [
    { $match: filter },
    { $unionWith: { coll: plan.union!, pipeline: [{ $match: filter }] } },
    ...(options.sort ? [{ $sort: options.sort }] : []),
    ...(plan.skip ? [{ $skip: plan.skip }] : []),
    ...(plan.limit ? [{ $limit: plan.limit }] : []),
    ...(options.projection ? [{ $project: options.projection }] : []),
  ]
}

/** Counts in two collections what a plan asks for. */
export async function unionCount(collection: Collection<Document>, plan: Plan, filter: Document, options: Document) {
  const stages = [...unionStages(plan, filter, {}), { $count: 'count' }]
  const [found] = await collection.aggregate<{ readonly count: number }>(stages, options).toArray()
  return found?.count ?? 0
}

/** Joins the distinct values of two collections. */
export function joined(one: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const seen = new Map<string, unknown>()
  for (const value of [...one, ...other]) {
    const key = Buffer.from(BSON.serialize({ value })).toString('latin1')
    if (!seen.has(key)) seen.set(key, value)
  }
  return [...seen.values()]
}

/** Refuses to write what may lie in an archive. */
export function refuseUnion(definition: ModelDefinition, plan: Plan, operation: string): void {
  if (plan.union === undefined) return
  throw new GooseError('NOT_SUPPORTED', {
    what: `${operation} on withArchive()`,
    reason: `it would have to write ${definition.collection} and ${plan.union} at once`,
    hint: `write ${definition.name}.find(…), or ${definition.name}.archived().find(…)`,
  })
}
