// Long operations as commands show and steer them: from any host, since all of it lies in the run document.
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'
import { connectionIn } from '../operations/archive-place.ts'
import { holderText } from '../operations/holder.ts'
import {
  type ChangedLimits,
  findJob,
  heldLeases,
  type Job,
  listJobs,
  steerJob,
  throttleJob,
  unlock,
} from '../operations/jobs.ts'
import { resume } from '../operations/resuming.ts'
import { unpacked } from '../operations/run-document.ts'
import { grouped, lengthOf, share } from './amounts.ts'
import type { Answer, Row } from './answer.ts'
import { elsewhere } from './archiving.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { noteText } from './run-ending.ts'
import { carryOut, type RunningFlags } from './running.ts'
import { resumeScriptsOf } from './scripting.ts'
import type { Workspace } from './workspace.ts'

const ALIAS = 'default'

/** Answers the runs of the database: those that are not over, or all. */
export async function jobRows(flags: { readonly all?: boolean | undefined; readonly limit: number }): Promise<Answer> {
  const jobs = await listJobs(ALIAS, { all: flags.all ?? false, limit: flags.limit })
  const rows = jobs.map(rowOf)
  const columns = ['run', 'kind', 'model', 'state', 'done', 'by', 'started', 'why'].map(path => ({
    path,
    head: path.toUpperCase(),
  }))
  const died = jobs.filter(job => job.state === 'died')
  const footer = died.map(({ run }) => `${run._id} has died; go on with: goose jobs resume ${run._id}`)
  return {
    kind: 'rows',
    columns,
    rows,
    empty: flags.all ? 'there are no runs' : 'no run is under way; --all lists those that are over',
    footer: () => footer,
  }
}

function rowOf(job: Job): Row {
  const { _id: run, kind, model, by, startedAt, why } = job.run
  if (job.state === 'damaged') return { run, kind: String(kind), state: job.state }
  return { run, kind, model, state: job.state, done: doneOf(job), by: holderText(by), started: startedAt, why }
}

/** Answers everything about one run. */
export async function showJob(id: string): Promise<Answer> {
  const job = await findJob(ALIAS, id)
  const { run } = job
  const { _id, filter, parameters: _, log: __, fence: ___, by, ...rest } = run
  const document = {
    run: _id,
    ...rest,
    state: job.state,
    times: Object.fromEntries(Object.entries(run.times).map(([step, time]) => [step, Math.round(time)])),
    done: doneOf(job),
    filter: BSON.EJSON.stringify(unpacked(filter), { relaxed: true }),
    startedBy: holderText(by),
    heldBy: job.holder ? holderText(job.holder) : null,
    took: lengthOf((run.endedAt ?? run.updatedAt).getTime() - run.startedAt.getTime()),
  }
  const columns = Object.keys(document)
    .filter(path => path !== 'noted')
    .map(path => ({ path, head: path }))
  return { kind: 'document', document, columns, footer: () => [...run.noted.map(noteText), ...nextOf(job)] }
}

/** Answers the log of a run; follows it until the run is over, when asked to. */
export async function jobLog(id: string, flags: { readonly follow?: boolean | undefined }): Promise<Answer> {
  const job = await findJob(ALIAS, id)
  const columns = ['at', 'text'].map(path => ({ path, head: path.toUpperCase() }))
  return { kind: 'rows', columns, rows: flags.follow ? followed(job) : job.run.log }
}

/** Asks a run to wait, or to end, and answers what it does now. */
export async function steer(id: string, wish: 'pause' | 'cancel'): Promise<Answer> {
  const job = await steerJob(ALIAS, id, wish)
  const { _id } = job.run
  const done = wish === 'pause' ? 'waits after its batch' : job.holder ? 'ends after its batch' : 'is cancelled'
  const next =
    wish === 'pause' ? `goose jobs resume ${_id}` : `what it has done stays; to take it back: goose undo ${_id}`
  return {
    kind: 'value',
    data: { run: _id, state: job.state, asked: wish },
    text: `${_id} ${done}`,
    footer: () => [next],
  }
}

/** Changes the pace of a run. */
export async function throttle(id: string, flags: RunningFlags): Promise<Answer> {
  const limits = limitsIn(flags)
  if (!limits) throw usage('there is no limit to change', 'give --rate, --batch, --max-lag or --run-time')
  const { run, state } = await throttleJob(ALIAS, id, limits)
  const text = Object.entries(run.limits).map(([name, value]) => `${name} ${value}`)
  return { kind: 'value', data: { run: run._id, state, limits: run.limits }, text: `${run._id} ${text.join('  ')}` }
}

function limitsIn(flags: RunningFlags): ChangedLimits | undefined {
  const { rate, batch } = flags
  const limits = { rate, batch, maxLag: flags['max-lag'], runTime: flags['run-time'] }
  return Object.values(limits).some(value => value !== undefined) ? limits : undefined
}

/** Goes on with a run: lets one that waits go on where it is, takes up one that has stopped or died. */
export async function resumeJob(id: string, workspace: Workspace, flags: RunningFlags & ConsentFlags): Promise<Answer> {
  const job = await findJob(ALIAS, id)
  const { _id, summary, lock } = job.run
  const { to, from } = unpacked(job.run.parameters)
  const place = String(to ?? from ?? '')
  const action = `go on with ${summary}`
  await requireConsent(workspace, flags, { action, also: connectionIn(place), token: _id, isReversible: true })
  const isWaiting = job.holder !== undefined && job.run.control.pause === true
  if (job.holder && !isWaiting && flags['on-locked'] !== 'wait')
    throw new GooseError('JOB_LOCKED', { job: lock, holder: `${holderText(job.holder)} (${_id})` })
  const limits = limitsIn(flags)
  if (limits) await throttleJob(ALIAS, _id, limits)
  if (isWaiting) return goOn(job)
  await workspace.models()
  resumeScriptsOf(workspace)
  return elsewhere(place, workspace, () =>
    carryOut(flags, controls => resume(ALIAS, _id, { ...controls, onLocked: flags['on-locked'] })),
  )
}

async function goOn({ run, holder }: Job): Promise<Answer> {
  const { state } = await steerJob(ALIAS, run._id, 'continue')
  const data = { run: run._id, state, asked: 'continue' }
  return { kind: 'value', data, text: `${run._id} goes on at ${holderText(holder!)}` }
}

/** Takes a lease away from its holder, which then can write no more. */
export async function unlockJob(name: string, workspace: Workspace, flags: ConsentFlags): Promise<Answer> {
  const leases = await heldLeases(ALIAS)
  const lease = leases.find(one => one._id === name || one.run === name)
  if (!lease?.holder) {
    const names = leases.map(one => one._id).join(', ')
    throw usage(`no lease "${name}" is held`, names ? `there are: ${names}` : 'no lease is held at all')
  }
  const who = `${holderText(lease.holder)} since ${lease.since.toISOString()}`
  const action = `unlock ${lease._id}, held by ${who}`
  await requireConsent(workspace, flags, { action, token: lease._id, isReversible: lease.isStale })
  await unlock(ALIAS, lease._id)
  const next = lease.run ? [`its run goes on with: goose jobs resume ${lease.run}`] : []
  const data = { lock: lease._id, run: lease.run, holder: holderText(lease.holder), since: lease.since }
  return { kind: 'value', data, text: `unlocked ${lease._id}, was held by ${who}`, footer: () => next }
}

function doneOf({ run }: Job): string {
  const done = run.counters.matched ?? 0
  return run.total ? `${grouped(done)} of ${grouped(run.total)} (${share(done, run.total)})` : grouped(done)
}

function nextOf({ run, state, holder }: Job): readonly string[] {
  if (state === 'done') return []
  if (state === 'cancelled') return [`what it has done stays; to take it back: goose undo ${run._id}`]
  return holder && !run.control.pause ? [] : [`go on with: goose jobs resume ${run._id}`]
}

async function* followed(first: Job): AsyncGenerator<Row> {
  let told = 0
  for (let job = first; ; job = await findJob(ALIAS, first.run._id)) {
    for (const line of job.run.log.filter(({ at }) => at.getTime() > told)) {
      told = line.at.getTime()
      yield line
    }
    if (!job.holder && !['running', 'paused'].includes(job.state)) return
    await new Promise(resolve => setTimeout(resolve, 1000))
  }
}
