// Starts a run, or takes up one that has stopped: its lease first, then its document.
import { randomBytes } from 'node:crypto'
import type { UpdateFilter } from 'mongodb'
import { GooseError } from '../errors.ts'
import { currentActor } from '../runtime/context.ts'
import { type Lease, takeLease } from './lease.ts'
import {
  isOver,
  logLine,
  OVER,
  packed,
  type RunLimits,
  type RunRequest,
  runsOf,
  type StoredRun,
  storedRun,
} from './run-document.ts'
import type { RunControls } from './run-steps.ts'
import { Run } from './run-work.ts'

/** Starts a run: takes its lease, then stores what it is. Throws `JobLocked`. */
export async function startRun(request: RunRequest, controls: RunControls = {}): Promise<Run> {
  const alias = request.connection ?? 'default'
  const id = `run_${Date.now().toString(36)}${randomBytes(6).toString('hex')}`
  const lock = request.lock ?? [request.kind.replaceAll(' ', '-'), request.model].filter(Boolean).join(':')
  const lease = await takeLease(alias, lock, leaseOptions(request.onLocked, id, controls))
  try {
    const stored = documentOf({ ...request, lock }, { id, lease })
    await (await runsOf(alias)).insertOne(stored)
    return new Run({ alias, stored, lease, controls })
  } catch (error) {
    await lease.release().catch(() => undefined)
    throw error
  }
}

/** Takes up a run that has stopped, failed or died. Throws `JobLocked` while somebody works at it, `RUN_REFUSED` when it is over. */
export async function resumeRun(
  alias: string,
  id: string,
  controls: RunControls & Pick<RunRequest, 'onLocked'> = {},
): Promise<Run> {
  const found = await storedRun(alias, id)
  refuseOver(found)
  const lease = await takeLease(alias, found.lock, leaseOptions(controls.onLocked, found._id, controls))
  try {
    const update: UpdateFilter<StoredRun> = {
      $set: { state: 'running', fence: lease.fence, by: lease.holder, control: {}, why: null, endedAt: null },
      $push: logLine(`resumed by ${lease.holder.user}@${lease.holder.host}`) as never,
    }
    const filter = { _id: found._id, state: { $nin: [...OVER] } }
    const stored = await (await runsOf(alias)).findOneAndUpdate(filter, update, { returnDocument: 'after' })
    if (!stored) refuseOver(await storedRun(alias, id))
    return new Run({ alias, stored: stored!, lease, controls })
  } catch (error) {
    await lease.release().catch(() => undefined)
    throw error
  }
}

const DEFAULTS: RunLimits = { batch: 500 }

function documentOf(
  request: RunRequest & { readonly lock: string },
  { id, lease }: { readonly id: string; readonly lease: Lease },
): StoredRun {
  const now = new Date()
  return {
    _id: id,
    op: currentActor().op ?? `op_${id.slice(4)}`,
    kind: request.kind,
    model: request.model ?? null,
    summary: request.summary,
    state: 'running',
    lock: request.lock,
    fence: lease.fence,
    by: lease.holder,
    reason: request.reason ?? currentActor().reason ?? null,
    filter: packed(request.filter ?? {}),
    parameters: packed(request.parameters ?? {}),
    limits: { ...DEFAULTS, ...defined(request.limits ?? {}) },
    total: request.total ?? null,
    checkpoint: null,
    counters: {},
    times: {},
    control: {},
    startedAt: now,
    updatedAt: now,
    endedAt: null,
    why: null,
    noted: [],
    log: [{ at: now, text: `started by ${lease.holder.user}@${lease.holder.host}` }],
  }
}

function leaseOptions(onLocked: RunRequest['onLocked'], run: string, { leaseLasts, stop, onLog }: RunControls) {
  return {
    run,
    signal: stop,
    onWait: onLog,
    ...(onLocked ? { onLocked } : {}),
    ...(leaseLasts ? { lasts: leaseLasts } : {}),
  }
}

function refuseOver({ _id: run, state, why }: StoredRun): void {
  if (!isOver(state)) return
  const hint = state === 'done' ? `to take it back: goose undo ${run}` : 'start it again'
  throw new GooseError('RUN_REFUSED', { run, reason: `it is ${state}${state === 'refused' ? ` (${why})` : ''}`, hint })
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
