// Runs as they are seen and steered from any host: listed, paused, throttled, cancelled, unlocked.
import { GooseError } from '../errors.ts'
import { refuseCutOff } from './cut-off.ts'
import { type Holder, isGone } from './holder.ts'
import { locksOf, type StoredLease } from './lease.ts'
import { damageOf, unread } from './run-damage.ts'
import { isOver, logLine, OVER, type RunLimits, runsOf, type StoredRun, storedRun } from './run-document.ts'

/** A run as others see it: `died` when it should be running and nobody holds its lease, `damaged` when it cannot be read. */
export interface Job {
  readonly run: StoredRun
  readonly state: StoredRun['state'] | 'died' | 'damaged'
  /** Who works at it now. */
  readonly holder: Holder | undefined
}

/** Gives the runs of a database, the last one first. */
export async function listJobs(
  alias: string,
  options: { readonly limit?: number; readonly all?: boolean } = {},
): Promise<readonly Job[]> {
  const filter = options.all ? {} : { state: { $nin: [...OVER] } }
  const runs = await (await runsOf(alias))
    .find(filter, { projection: Object.fromEntries([...unread].map(name => [name, 0])) })
    .sort({ startedAt: -1 })
    .limit(options.limit ?? 50)
    .toArray()
  const leases = await liveLeases(alias)
  return runs.map(run => jobOf(run, leases))
}

/** Finds a run by its id or the end of it. Throws `RUN_NOT_FOUND`. */
export async function findJob(alias: string, id: string): Promise<Job> {
  return jobOf(await storedRun(alias, id), await liveLeases(alias))
}

/** Asks a run to wait where it is, to go on, or to end; a run nobody works at ends at once. */
export async function steerJob(alias: string, id: string, wish: 'pause' | 'continue' | 'cancel'): Promise<Job> {
  const job = await findJob(alias, id)
  const { _id } = job.run
  refuseOver(job.run)
  if (wish === 'pause' && !job.holder)
    throw new GooseError('RUN_REFUSED', {
      run: _id,
      reason: 'nobody works at it',
      hint: `it goes on with: goose jobs resume ${_id}`,
    })
  const control = {
    pause: { 'control.pause': true },
    continue: { 'control.pause': false },
    cancel: { 'control.stop': 'cancel' as const },
  }[wish]
  const endsNow = wish === 'cancel' && !job.holder
  if (endsNow) await refuseCutOff(alias, job.run)
  const ended = endsNow ? { state: 'cancelled' as const, why: 'cancelled', endedAt: new Date() } : {}
  // An expired lease may have been taken up since it was looked at: then its holder hears the wish itself.
  const filter = endsNow ? { _id, fence: job.run.fence } : { _id }
  await (await runsOf(alias)).updateOne(filter, {
    $set: { ...control, ...ended },
    $push: logLine(`asked to ${wish}`) as never,
  })
  return findJob(alias, _id)
}

function refuseOver({ _id: run, state }: StoredRun): void {
  if (!isOver(state)) return
  throw new GooseError('RUN_REFUSED', { run, reason: `it is ${state}`, hint: 'see `goose jobs show`' })
}

/** Limits to change; those that are undefined stay. */
export type ChangedLimits = { readonly [K in keyof RunLimits]?: RunLimits[K] | undefined }

/** Changes the limits of a run, for what it has still to do. */
export async function throttleJob(alias: string, id: string, limits: ChangedLimits): Promise<Job> {
  const { run } = await findJob(alias, id)
  refuseOver(run)
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined)
  const text = entries.map(([name, value]) => `${name} ${value}`).join(', ')
  const $set = Object.fromEntries(entries.map(([name, value]) => [`limits.${name}`, value]))
  await (await runsOf(alias)).updateOne({ _id: run._id }, { $set, $push: logLine(`limits: ${text}`) as never })
  return findJob(alias, run._id)
}

/** Gives the leases that are held; with their holder, and whether it has surely ended. */
export async function heldLeases(alias: string): Promise<readonly (StoredLease & { readonly isStale: boolean })[]> {
  const locks = await locksOf(alias)
  const found = await locks
    .find({ holder: { $ne: null } })
    .sort({ _id: 1 })
    .toArray()
  const live = await liveLeases(alias)
  return found.map(lease => ({ ...lease, isStale: !live.has(lease._id) }))
}

/** Takes a lease away from whoever holds it: its holder can write no more. Gives what it was. */
export async function unlock(alias: string, name: string): Promise<StoredLease | null> {
  const free = { $set: { holder: null, run: null, expiresAt: new Date(0) }, $inc: { fence: 1 } }
  const lease = await (await locksOf(alias)).findOneAndUpdate({ _id: name, holder: { $ne: null } }, free)
  if (lease?.run)
    await (await runsOf(alias)).updateOne(
      { _id: lease.run },
      { $inc: { fence: 1 }, $push: logLine('its lease was taken away') as never },
    )
  return lease
}

async function liveLeases(alias: string): Promise<ReadonlyMap<string, StoredLease>> {
  const pipeline = [{ $match: { holder: { $ne: null }, $expr: { $gt: ['$expiresAt', '$$NOW'] } } }]
  const leases = await (await locksOf(alias)).aggregate<StoredLease>(pipeline).toArray()
  return new Map(leases.filter(lease => lease.holder && !isGone(lease.holder)).map(lease => [lease._id, lease]))
}

function jobOf(run: StoredRun, leases: ReadonlyMap<string, StoredLease>): Job {
  if (damageOf(run) !== undefined) return { run, state: 'damaged', holder: undefined }
  const lease = leases.get(run.lock)
  const holder = lease?.run === run._id ? (lease.holder ?? undefined) : undefined
  const isDead = (run.state === 'running' || run.state === 'paused') && !holder
  return { run, state: isDead ? 'died' : run.state, holder }
}
