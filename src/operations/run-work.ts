// The work at a run: batch after batch, a checkpoint after each, hearing what it is asked to do.
import type { Binary, Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import { type Actor, auditContext, currentActor, currentTransaction } from '../runtime/context.ts'
import { comesOfLostConnection } from '../runtime/lost-connection.ts'
import { type Lease, lockedBy, locksOf } from './lease.ts'
import { patiently } from './patience.ts'
import {
  type Counters,
  logLine,
  notes,
  type RunLimits,
  type RunState,
  runsOf,
  type StoredRun,
  summed,
  unpacked,
  unpackedPlain,
} from './run-document.ts'
import type { RunControls, RunEnding, RunProgress, Step } from './run-steps.ts'
import { pause, type Throttle, throttleOf } from './throttle.ts'

/** A long operation that this process works at. */
export class Run implements RunProgress {
  readonly id: string
  /** What audit entries, deletion marks and before-images of it carry. */
  readonly operation: string
  readonly kind: string
  readonly model: string | null
  readonly summary: string
  readonly total: number | null
  /** Aborted when somebody else has taken the run over. */
  readonly signal: AbortSignal
  /** The connection whose database keeps the run. */
  readonly alias: string
  readonly #lease: Lease
  readonly #controls: RunControls
  readonly #filter: Binary
  readonly #parameters: Binary
  readonly #reason: string | null
  readonly #began = performance.now()
  readonly #throttle: Throttle
  readonly #times: Record<string, number>
  readonly #found: number
  #limits: RunLimits
  #control: StoredRun['control']
  #checkpoint: unknown
  #counters: Counters
  #lookedAt = performance.now()

  constructor({ alias, stored, lease, controls }: Opened) {
    this.id = stored._id
    this.operation = stored.op
    this.kind = stored.kind
    this.model = stored.model
    this.summary = stored.summary
    this.total = stored.total
    this.signal = lease.signal
    this.alias = alias
    this.#lease = lease
    this.#controls = controls
    this.#filter = stored.filter
    this.#parameters = stored.parameters
    this.#reason = stored.reason
    this.#limits = stored.limits
    this.#control = stored.control
    this.#checkpoint = stored.checkpoint
    this.#counters = stored.counters
    this.#found = stored.counters.matched ?? 0
    this.#times = { ...stored.times }
    this.#throttle = throttleOf(
      () => this.#store({}),
      () => this.#isOver(),
    )
  }

  /** The filter as it is sent, with its BSON types. */
  get filter(): Document {
    return unpacked(this.#filter)
  }

  /** What the run was started with, its numbers plain. */
  parameters<T = Document>(): T {
    return unpackedPlain<T>(this.#parameters)
  }

  /** The same with all BSON types, as it is to be sent. */
  exactParameters(): Document {
    return unpacked(this.#parameters)
  }

  get limits(): RunLimits {
    return this.#limits
  }

  /** Where to go on, as last stored; null before the first batch. */
  get checkpoint(): unknown {
    return this.#checkpoint
  }

  get counters(): Counters {
    return this.#counters
  }

  /** Milliseconds since this process began to work at it. */
  get elapsed(): number {
    return performance.now() - this.#began
  }

  /** What the one who started it wants to know and to say. */
  get controls(): RunControls {
    return this.#controls
  }

  /** Whether it is asked to stop or to wait: then the batch at hand had better end soon. */
  get isAsked(): boolean {
    const { runTime } = this.#limits
    const isLate = runTime !== undefined && this.elapsed > runTime
    const { pause, stop } = this.#control
    return isLate || Boolean(pause || stop || this.#controls.stop?.aborted || this.signal.aborted)
  }

  /** Documents this process has gone through. */
  get worked(): number {
    return (this.#counters.matched ?? 0) - this.#found
  }

  /** Does a part of the work, and adds the time it takes to a step of the statistics. */
  async time<T>(step: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await work()
    } finally {
      this.#times[step] = (this.#times[step] ?? 0) + performance.now() - began
    }
  }

  /** Adds a line to the log of the run. */
  async log(text: string): Promise<void> {
    await (await runsOf(this.alias)).updateOne({ _id: this.id }, { $push: logLine(text) as never })
  }

  /** Does batch after batch until one says it is done, or the run is to stop; the last checkpoint stays stored. */
  async walk(batch: (checkpoint: unknown) => Promise<Step>): Promise<RunEnding> {
    try {
      this.#controls.onProgress?.(this)
      for (;;) {
        const why = await this.#whyStop()
        if (why) return await this.finish(why.why, why.state)
        const step = await patiently(attempt => this.#batch(batch, attempt), this.#waiting())
        this.#controls.onProgress?.(this)
        if (step.done) return await this.finish('no more documents', 'done')
        await this.time('throttle', () =>
          this.#throttle.after(step.documents ?? step.counted?.matched ?? 0, this.#limits),
        )
      }
    } catch (error) {
      await this.fail(error)
      throw error
    }
  }

  /** Stores a checkpoint and counters; inside a transaction, together with its writes. Throws `JobLocked` when the lease is lost. */
  async keep(step: Step): Promise<void> {
    const counters = summed(this.#counters, step.counted ?? {})
    await this.#store({ checkpoint: step.checkpoint, counters, times: this.#times }, step.noted && notes(step.noted))
  }

  /** Ends the work at the run, and gives the lease back. */
  async finish(why: string, state: RunState): Promise<RunEnding> {
    const endedAt = new Date()
    const { noted } = await this.#store({ state, why, endedAt, times: this.#times }, logLine(`${state}: ${why}`))
    await this.#lease.release()
    return { ...this.#ending(), noted, state, why, isComplete: state === 'done' }
  }

  /** Notes why the work could not go on, as far as the database can still be told. */
  async fail(error: unknown): Promise<void> {
    const telling = this.#tell(error instanceof GooseError ? `${error.code}: ${error.message}` : (error as Error).name)
    // A database that is out of reach was waited for long enough.
    if (!comesOfLostConnection(error)) await telling
  }

  async #tell(why: string): Promise<void> {
    const failed = { state: 'failed' as const, why, endedAt: new Date(), times: this.#times }
    await this.#store(failed, logLine(`failed: ${why}`)).catch(() => undefined)
    await this.#lease.release().catch(() => undefined)
  }

  async #batch(batch: (checkpoint: unknown) => Promise<Step>, attempt: number): Promise<Step> {
    // The answer to a commit may have been lost with the connection: what counts is what is stored.
    if (attempt > 1) this.#takeOver(await this.#store({}))
    await this.#lease.renew()
    const step = await auditContext.run(this.#actor(), () => batch(this.#checkpoint))
    if (!step.isKept) await this.time('checkpoint', () => this.keep(step))
    this.#checkpoint = step.checkpoint
    this.#counters = summed(this.#counters, step.counted ?? {})
    return step
  }

  #actor() {
    const { user, host } = this.#lease.holder
    const { userId = `${user}@${host}` } = currentActor()
    return {
      userId,
      op: this.operation,
      via: viaOf(this.kind),
      ...(this.#reason === null ? {} : { reason: this.#reason }),
    }
  }

  async #whyStop(): Promise<{ readonly why: string; readonly state: RunState } | undefined> {
    const { runTime } = this.#limits
    for (let isPaused = false; ; isPaused = true) {
      if (this.#control.stop === 'cancel') return { why: 'cancelled', state: 'cancelled' }
      if (this.#controls.stop?.aborted) return { why: 'stopped', state: 'stopped' }
      if (runTime !== undefined && this.elapsed > runTime) return { why: 'run time', state: 'stopped' }
      if (!this.#control.pause) {
        if (isPaused) await this.#store({ state: 'running' })
        return undefined
      }
      if (!isPaused) await this.#store({ state: 'paused' })
      await pause(1000, () => this.#isOver())
      await patiently(() => this.#lease.renew(), this.#waiting())
    }
  }

  // While a run waits, it hears what it is asked to do at least once in a second.
  async #isOver(): Promise<boolean> {
    if (performance.now() - this.#lookedAt > 1000) await this.#store({}).catch(() => undefined)
    return Boolean(this.#controls.stop?.aborted || this.#control.stop || this.signal.aborted)
  }

  #waiting() {
    return { patience: this.#controls.patience, isOver: () => Boolean(this.#controls.stop?.aborted) }
  }

  // Every write of a run doubles as a look at what it is asked to do.
  async #store(fields: Partial<StoredRun>, push?: Document): Promise<StoredRun> {
    const session = currentTransaction()?.session
    const runs = await runsOf(this.alias)
    const update = { $set: { ...fields, updatedAt: new Date() }, ...(push ? { $push: push as never } : {}) }
    const mine = { _id: this.id, fence: this.#lease.fence }
    const stored = await runs.findOneAndUpdate(mine, update, {
      returnDocument: 'after',
      projection: { log: 0, filter: 0, parameters: 0 },
      ...(session ? { session } : {}),
    })
    if (!stored)
      throw lockedBy(
        (await (await locksOf(this.alias)).findOne({ _id: this.#lease.name })) ?? {
          _id: this.#lease.name,
          holder: null,
          run: this.id,
        },
      )
    this.#lookedAt = performance.now()
    this.#limits = stored.limits
    this.#control = stored.control
    return stored
  }

  #takeOver(stored: StoredRun): void {
    this.#checkpoint = stored.checkpoint
    this.#counters = stored.counters
  }

  #ending() {
    const { id: run, operation, kind, model, summary, total } = this
    return {
      run,
      operation,
      kind,
      model,
      summary,
      total,
      counters: this.#counters,
      times: { ...this.#times },
      milliseconds: this.elapsed,
    }
  }
}

interface Opened {
  readonly alias: string
  readonly stored: StoredRun
  readonly lease: Lease
  readonly controls: RunControls
}

const ways = ['bulk', 'undo', 'archive', 'purge', 'import'] as const

function viaOf(kind: string): NonNullable<Actor['via']> {
  if (kind === 'commit') return 'repl'
  return ways.find(way => kind.startsWith(way)) ?? 'job'
}
