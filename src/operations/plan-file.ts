// A plan with its pages as one document, to be written to a file and applied from there.
import type { Document } from 'mongodb'
import { GooseError, PlanDrifted } from '../errors.ts'
import { connectionOf } from '../runtime/connection.ts'
import { type StoredPlan, VALID_MINUTES } from './bulk-plan.ts'
import { storedPlan } from './bulk-start.ts'
import { PLANS, pagesOf } from './plan-pages.ts'

/** Gives everything that applying a plan needs. */
export async function planFile(alias: string, id: string): Promise<Document> {
  const { db } = await connectionOf(alias)
  const pages = await (await pagesOf(alias)).find({ plan: id }).sort({ _id: 1 }).toArray()
  return { goosePlan: 1, database: db.databaseName, plan: await storedPlan(alias, id), pages }
}

/** Keeps a plan of a file where it is not kept any more, and gives its id. Throws `PlanDrifted` for another database. */
export async function keepPlanFile(alias: string, file: Document): Promise<string> {
  const { db } = await connectionOf(alias)
  const plan = file?.plan as StoredPlan | undefined
  if (Number(file?.goosePlan) !== 1 || !plan)
    throw new GooseError('PLAN_NOT_FOUND', { plan: 'in that file', hint: 'write one with --dry-run --out' })
  if (file.database !== db.databaseName)
    throw new PlanDrifted({
      plan: plan._id,
      reason: `it was made for the database ${file.database}, not ${db.databaseName}`,
    })
  const plans = db.collection<StoredPlan>(PLANS)
  if (await plans.findOne({ _id: plan._id })) return plan._id
  // A file is kept on purpose and longer than half an hour; what has moved since is found by its digest.
  const expiresAt = new Date(Date.now() + VALID_MINUTES * 60_000)
  const pages = (file.pages as Document[]).map(page => ({ ...page, expiresAt }))
  if (pages.length > 0) await (await pagesOf(alias)).insertMany(pages as never, { ordered: false })
  await plans.insertOne({ ...plan, expiresAt, run: null })
  return plan._id
}
