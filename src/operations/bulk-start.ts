// Starts bulk changes: as planned, when nothing has moved since.
import { GooseError, PlanDrifted } from '../errors.ts'
import type { BulkPlan } from '../models/bulk-plan.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { modelNamed } from '../models/registry.ts'
import { connectionOf } from '../runtime/connection.ts'
import { countFiltered } from '../runtime/execute.ts'
import { readBatch } from './bulk-batch.ts'
import type { BulkChange } from './bulk-change.ts'
import type { BulkParameters } from './bulk-parts.ts'
import { modelHash, type StoredPlan } from './bulk-plan.ts'
import { goOn } from './bulk-work.ts'
import { digestNow } from './plan-digest.ts'
import { PLANS, pagesOf, plannedBatch } from './plan-pages.ts'

import { startRun } from './run.ts'
import { type RunRequest, unpacked } from './run-document.ts'
import type { RunControls, RunEnding } from './run-steps.ts'

/** How a plan is applied. */
export interface ApplyOptions extends Partial<Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'>> {
  /** The alias of the connection whose database keeps the plan; that of the plan otherwise. */
  readonly connection?: string
  /** How many documents may have changed since: they are left as they are, and told. */
  readonly tolerance?: number | undefined
}

/** Makes the change of a plan. Throws `PlanDrifted` when what it matched has moved, `PLAN_NOT_FOUND`, `JobLocked`. */
export async function applyPlan(
  plan: BulkPlan | string,
  options: ApplyOptions = {},
  controls: RunControls = {},
): Promise<RunEnding> {
  const id = typeof plan === 'string' ? plan : plan.id
  const alias = options.connection ?? (typeof plan === 'string' ? 'default' : plan.connection)
  const stored = await storedPlan(alias, id)
  const { definition } = modelNamed(stored.model)
  await refuseMoved(definition, stored, options.tolerance ?? 0)
  const { filter, change } = stored.sent
  const { lock, onLocked, reason, limits } = options
  const run = await startRun(
    {
      lock,
      onLocked,
      reason,
      kind: stored.kind,
      model: stored.model,
      connection: alias,
      summary: stored.summary,
      filter: unpacked(filter),
      parameters: { change: unpacked(change), plan: id } satisfies Record<keyof BulkParameters, unknown>,
      total: stored.matched,
      limits: { ...limits, batch: stored.batch },
    },
    controls,
  )
  try {
    await claim(alias, id, run.id)
  } catch (error) {
    await run.finish('the plan was applied by another run', 'cancelled')
    throw error
  }
  return goOn(run)
}

/** Finds a plan by its id. Throws `PLAN_NOT_FOUND`. */
export async function storedPlan(alias: string, id: string): Promise<StoredPlan> {
  const { db } = await connectionOf(alias)
  const stored = await db.collection<StoredPlan>(PLANS).findOne({ _id: id }, { promoteValues: true })
  if (stored && stored.kind !== undefined) return stored
  throw new GooseError('PLAN_NOT_FOUND', { plan: id, hint: 'plans are kept for 30 minutes; plan it again' })
}

async function refuseMoved(definition: ModelDefinition, plan: StoredPlan, tolerance: number): Promise<void> {
  const refuse = (reason: string) => {
    throw new PlanDrifted({ plan: plan._id, reason })
  }
  if (plan.run) refuse(`it was applied by ${plan.run}`)
  if (plan.expiresAt.getTime() < Date.now()) refuse(`it was valid until ${plan.expiresAt.toISOString()}`)
  if (plan.modelHash !== modelHash(definition)) refuse(`the model ${plan.model} has changed`)
  const filter = unpacked(plan.sent.filter)
  const change = unpacked(plan.sent.change) as BulkChange
  if ((await digestNow({ definition, filter, touched: change.touched })) === plan.digest) return
  const { gone, come } = await drift(definition, plan, { filter, change })
  if (gone + come <= tolerance) return
  const parts = [
    gone > 0 ? `${gone} of ${plan.matched} documents have changed or gone` : '',
    come > 0 ? `${come} more match` : '',
  ]
  refuse(parts.filter(Boolean).join(', '))
}

interface Planned {
  readonly filter: Record<string, unknown>
  readonly change: BulkChange
}

async function drift(
  definition: ModelDefinition,
  { _id: plan, connection, matched }: StoredPlan,
  { filter, change }: Planned,
) {
  let same = 0
  const pages = (await pagesOf(connection)).find({ plan }).sort({ _id: 1 })
  for await (const page of pages) {
    const planned = plannedBatch(page)
    const stored = await readBatch(definition, { $and: [filter, planned.range] }, change.touched)
    same += stored.length - planned.othersIn(stored).length
  }
  // A document that has changed and still matches is one that has gone, not one that has come.
  const now = await countFiltered(definition, filter)
  return { gone: matched - same, come: Math.max(0, now - matched) }
}

// Also keeps the plan's pages for as long as a run may be resumed.
async function claim(alias: string, plan: string, run: string): Promise<void> {
  const { db } = await connectionOf(alias)
  const plans = db.collection<StoredPlan>(PLANS)
  const claimed = await plans.findOneAndUpdate({ _id: plan, run: null }, { $set: { run } })
  if (!claimed) throw new PlanDrifted({ plan, reason: 'it was applied by another run' })
  const expiresAt = new Date(Date.now() + 30 * 86_400_000)
  await plans.updateOne({ _id: plan }, { $set: { expiresAt } })
  await (await pagesOf(alias)).updateMany({ plan }, { $set: { expiresAt } })
}
