// A plan with its pages as one document, to be written to a file and applied from there.
import { hash } from 'node:crypto'
import { BSON, type Collection, type Document } from 'mongodb'
import { GooseError, PlanDrifted } from '../errors.ts'
import { connectionOf } from '../runtime/connection.ts'
import { type StoredPlan, VALID_MINUTES } from './bulk-plan.ts'
import { storedPlan } from './bulk-start.ts'
import { PLANS, pagesOf } from './plan-pages.ts'

/** Gives everything that applying a plan needs. */
export async function planFile(alias: string, id: string): Promise<Document> {
  const { db } = await connectionOf(alias)
  const pages = await (await pagesOf(alias)).find({ plan: id }).sort({ _id: 1 }).toArray()
  const content = { database: db.databaseName, plan: await storedPlan(alias, id), pages }
  return { goosePlan: 1, ...content, sha256: digestOf(content) }
}

// Whoever has read a plan is to apply what was read.
function digestOf({ database, plan, pages }: Document): string {
  return hash('sha256', BSON.EJSON.stringify({ database, plan, pages }, { relaxed: false }))
}

/** Keeps a plan of a file where it is not kept any more, and gives its id. Throws `PlanDrifted` for one of another database, or edited. */
export async function keepPlanFile(alias: string, file: Document): Promise<string> {
  const { db } = await connectionOf(alias)
  const plan = file?.plan as StoredPlan | undefined
  if (Number(file?.goosePlan) !== 1 || !plan)
    throw new GooseError('PLAN_NOT_FOUND', { plan: 'in that file', hint: 'write one with --dry-run --out' })
  const refuse = (reason: string) => new PlanDrifted({ plan: plan._id, reason })
  if (file.sha256 !== digestOf(file)) throw refuse('its file was changed since it was written')
  if (file.database !== db.databaseName)
    throw refuse(`it was made for the database ${file.database}, not ${db.databaseName}`)
  // A file is kept on purpose and longer than half an hour; what has moved since is found by its digest.
  const $max = { expiresAt: new Date(Date.now() + VALID_MINUTES * 60_000) }
  // Some of it may be there still, or be applied this very moment.
  const keep = async (collection: Collection<Document>, { expiresAt: _, ...$setOnInsert }: Document) =>
    collection.updateOne({ _id: $setOnInsert._id }, { $setOnInsert, $max }, { upsert: true })
  const pages = (await pagesOf(alias)) as unknown as Collection<Document>
  for (const page of file.pages as readonly Document[]) await keep(pages, page)
  await keep(db.collection(PLANS), { ...plan, run: null })
  return plan._id
}
