// Takes a bulk run back, batch by batch: only where the values are still what the run has written.
import { DuplicateKey, GooseError } from '../errors.ts'
import { modelNamed } from '../models/registry.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import { connectionOf, hasTransactions } from '../runtime/connection.ts'
import { transaction } from '../runtime/transaction.ts'
import { type Images, imagesAfter, UNDO } from './bulk-images.ts'
import { refuseCutOff } from './cut-off.ts'
import { startRun } from './run.ts'
import { logLine, type Note, type RunRequest, runsOf, type StoredRun, storedRun } from './run-document.ts'
import type { RunControls, RunEnding, Step } from './run-steps.ts'
import type { Run } from './run-work.ts'
import { type Outcome, type Taking, takeBack } from './undo-batch.ts'

/** How a run is taken back. */
export interface UndoOptions extends Partial<Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'>> {
  /** The alias of the connection whose database keeps the run. */
  readonly connection?: string
  /** Restores also where somebody has changed the values since. */
  readonly force?: boolean | undefined
}

interface UndoParameters {
  readonly run: string
  readonly force: boolean
}

/** Takes back what a run has done, where it still stands; the rest is counted as conflicts. An undo can itself be undone.
 *
 * Throws `RUN_NOT_FOUND`, `RUN_REFUSED` where there is nothing to take back, `JobLocked`.
 */
export async function undoRun(id: string, options: UndoOptions = {}, controls: RunControls = {}): Promise<RunEnding> {
  const { connection: alias = 'default', force = false, lock, onLocked, reason, limits } = options
  const found = await storedRun(alias, id)
  await refuseUndo(alias, found)
  if (found.state !== 'done') await refuseCutOff(alias, found)
  await giveUp(alias, found)
  const request: RunRequest = {
    onLocked,
    reason,
    ...(limits ? { limits } : {}),
    kind: 'undo',
    ...(found.model ? { model: found.model } : {}),
    connection: alias,
    summary: `undo ${found._id} (${found.summary})`,
    // The run itself must not go on while it is taken back.
    lock: lock ?? found.lock,
    parameters: { run: found._id, force } satisfies UndoParameters,
    ...(found.counters.matched === undefined ? {} : { total: found.counters.matched }),
  }
  return goOn(await startRun(request, controls))
}

/** Goes on with an undo to its end. */
export async function goOn(run: Run): Promise<RunEnding> {
  const { run: undone, force } = run.parameters<UndoParameters>()
  const { op } = await storedRun(run.alias, undone)
  return run.walk(async checkpoint => {
    const seq = (checkpoint as { readonly seq: number } | null)?.seq ?? 0
    const images = await run.time('find', () => imagesAfter(run.alias, undone, seq))
    if (!images) return { checkpoint: { seq }, done: true }
    const { definition } = modelNamed(images.model ?? run.model ?? '')
    await prepareAudit(definition)
    const isWhole = await hasTransactions(definition.connection)
    return undoBatch({ run, definition, force, isWhole, operation: op }, images)
  })
}

type Undoing = Taking & { readonly isWhole: boolean }

async function undoBatch(undoing: Undoing, images: Images): Promise<Step> {
  const { run, definition, isWhole } = undoing
  const whole = async () => {
    const outcome = await takeBack(undoing, images)
    const step = stepOf(images, outcome)
    if (isWhole) await run.time('checkpoint', () => run.keep(step))
    return { ...step, isKept: isWhole }
  }
  try {
    return await (isWhole ? transaction(whole, { connection: definition.connection }) : whole())
  } catch (error) {
    if (!isWhole || !(error instanceof DuplicateKey)) throw error
    return stepOf(images, await oneByOne(undoing, images))
  }
}

// A unique index refuses some document of the batch: each is taken back by itself, and that one is told.
async function oneByOne(undoing: Undoing, images: Images): Promise<Outcome> {
  const { before, after } = images
  const total = { restored: 0, conflicts: [] as Note[] }
  for (let place = 0; place < Math.max(before.length, after.length); place++) {
    const part = { before: before.slice(place, place + 1), after: after.slice(place, place + 1) }
    const single = { ...images, ...part, seq: images.seq + (place + 1) / 1e6 }
    try {
      const act = () => takeBack(undoing, single)
      const outcome = await transaction(act, { connection: undoing.definition.connection })
      total.restored += outcome.restored
      total.conflicts.push(...outcome.conflicts)
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error
      total.conflicts.push({ why: error.message })
    }
  }
  return total
}

function stepOf(images: Images, { restored, conflicts }: Outcome): Step {
  const count = conflicts.length
  return {
    checkpoint: { seq: images.seq },
    counted: {
      matched: Math.max(images.before.length, images.after.length),
      restored,
      ...(count > 0 ? { conflicts: count } : {}),
    },
    ...(count > 0 ? { noted: conflicts } : {}),
  }
}

// What is taken back is not to be gone on with.
async function giveUp(alias: string, { _id, state }: StoredRun): Promise<void> {
  if (state !== 'stopped' && state !== 'failed') return
  const update = { $set: { state: 'cancelled' as const }, $push: logLine('cancelled: it is taken back') as never }
  await (await runsOf(alias)).updateOne({ _id, state }, update)
}

async function refuseUndo(alias: string, { _id: run, state, kind }: StoredRun): Promise<void> {
  const { db } = await connectionOf(alias)
  const there = await db
    .collection<{ _id: string }>(UNDO)
    .findOne({ _id: { $gt: `${run}/`, $lt: `${run}0` } }, { projection: { _id: 1 } })
  const reason =
    state === 'running' || state === 'paused'
      ? 'it is still under way'
      : 'nothing is kept that it could be taken back with'
  if (there && reason.startsWith('nothing')) return
  const hint = there
    ? `stop it first: goose jobs cancel ${run}`
    : `${kind} keeps no before-images, or they are older than 30 days`
  throw new GooseError('RUN_REFUSED', { run, reason, hint })
}
