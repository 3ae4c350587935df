// Changes of many documents as programs call them: plan, apply, undo, archive, restore from an archive.
import type { BulkPlan } from '../models/bulk-plan.ts'
import { setPlanner } from '../runtime/planner.ts'
import type { ArchiveOptions, AskedOf, RestoreOptions } from './archive-library.ts'
import type { ApplyOptions } from './bulk-start.ts'
import type { RunControls, RunEnding } from './run-steps.ts'
import type { UndoOptions } from './undo.ts'

// Loaded when it is used first: most programs never plan.
setPlanner(async (request, options) => (await import('./bulk-plan.ts')).planBulk(request, options))

/** Makes the change of a plan, in batches that are recorded and can be taken back; gives how the run has ended.
 *
 * Throws `PlanDrifted` when what the plan matched has moved since, `JobLocked` while another run is at it.
 *
 * ```ts
 * const done = await apply(await User.find({ role: 'author' }).plan({ $set: { role: 'admin' } }))
 * console.assert(done.isComplete)
 * ```
 */
export async function apply(plan: BulkPlan | string, options: ApplyOptions & RunControls = {}): Promise<RunEnding> {
  const { applyPlan } = await import('./bulk-start.ts')
  return applyPlan(plan, options, options)
}

/** Takes back what a run has done, where its values still stand; what was changed since is left and counted as conflicts.
 *
 * Throws `GooseError` with the code `RUN_NOT_FOUND` or `RUN_REFUSED`; an undo can itself be undone.
 *
 * ```ts
 * const done = await apply(await User.find({ role: 'author' }).plan({ $set: { role: 'admin' } }))
 * const taken = await undo(done.run)
 * console.assert(taken.counters.restored === done.counters.changed)
 * ```
 */
export async function undo(run: string, options: UndoOptions & RunControls = {}): Promise<RunEnding> {
  const { undoRun } = await import('./undo.ts')
  return undoRun(run, options, options)
}

/** Moves what a query finds to an archive: copied, read back, and deleted only where it is still what was copied.
 *
 * Throws `EmptyFilterRefused` for a query that finds everything, unless `olderThan` or `all` says so; `JobLocked`.
 *
 * ```ts
 * const done = await archive(Post.find({ published: true }), { olderThan: '365d', by: 'createdAt' })
 * console.assert(done.isComplete)
 * ```
 */
export async function archive(query: AskedOf, options: ArchiveOptions & RunControls = {}): Promise<RunEnding> {
  const { archiveQuery } = await import('./archive-library.ts')
  return archiveQuery(query, options, options)
}

/** Brings back what a run has archived, or what a query of `archived()` finds.
 *
 * Throws `GooseError` with the code `ARCHIVE_CLASHES`, before anything is written, where documents are in the way.
 *
 * ```ts
 * const done = await archive(Post.find({ title: 'Just for fun' }))
 * await restoreArchived(done.run)
 * console.assert(await Post.exists({ title: 'Just for fun' }))
 * ```
 */
export async function restoreArchived(
  what: string | AskedOf,
  options: RestoreOptions & RunControls = {},
): Promise<RunEnding> {
  const { restoreQuery } = await import('./archive-library.ts')
  return restoreQuery(what, options, options)
}
