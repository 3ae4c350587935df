// Carries out a maintenance script as a run: its steps are kept, so that a resume does only what is left.
import { type ErrorMeta, GooseError } from '../errors.ts'
import type { Job, JobContext, StepOptions } from '../models/job.ts'
import { registeredModels } from '../models/registry.ts'
import { auditContext } from '../runtime/context.ts'
import { comesOfLostConnection } from '../runtime/lost-connection.ts'
import { transaction } from '../runtime/transaction.ts'
import { resumeRun, startRun } from './run.ts'
import { OVER, type RunRequest, runsOf } from './run-document.ts'
import type { RunControls, RunEnding } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** The name of scripts in the table of what can be resumed. */
const KIND = 'script'

/** A script that is to be run. */
export interface ScriptRequest extends Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'> {
  readonly job: Job
  /** Where it lies, for a resume. */
  readonly file: string
  readonly args: readonly string[]
  /** Takes up the last run of the job that was not finished, where there is one. */
  readonly resume?: boolean | undefined
}

/** Runs a script to its end, or to where it is told to stop. Throws `JobLocked`, `SCRIPT_FAILED`. */
export async function runScript(request: ScriptRequest, controls: RunControls = {}): Promise<RunEnding> {
  const { job, file, args, resume, lock = `job:${job.name}`, ...asked } = request
  const unfinished = resume ? await unfinishedRun(lock) : undefined
  const run = unfinished
    ? await resumeRun('default', unfinished, { ...controls, ...(asked.onLocked ? { onLocked: asked.onLocked } : {}) })
    : await startRun(
        { kind: KIND, summary: `run ${job.name}`, lock, parameters: { name: job.name, file, args }, ...asked },
        controls,
      )
  return carryOut(run, job)
}

/** Goes on with the stored run of a script; the file is loaded again. */
export async function goOn(run: Run): Promise<RunEnding> {
  const { file } = run.parameters<{ file: string }>()
  if (loading.load) return carryOut(run, await loading.load(file))
  const error = new GooseError('RUN_REFUSED', {
    run: run.id,
    reason: 'it is a script of a project',
    hint: `goose jobs resume ${run.id}`,
  })
  await run.fail(error)
  throw error
}

/** Says how the files of scripts are loaded when a run is taken up. */
export function loadScriptsBy(load: (file: string) => Promise<Job>): void {
  loading.load = load
}

const loading: { load?: (file: string) => Promise<Job> } = {}

interface DoneStep {
  readonly name: string
  readonly at: Date
  readonly result: unknown
}

interface Checkpoint {
  readonly steps: readonly DoneStep[]
}

class Stopped extends Error {}

async function carryOut(run: Run, job: Job): Promise<RunEnding> {
  return run.walk(async checkpoint => {
    const { steps } = (checkpoint as Checkpoint | null) ?? { steps: [] }
    const state: State = { run, steps: [...steps], named: new Set() }
    try {
      await auditContext.run({ via: 'job' }, async () => job.run(contextOf(state)))
      return { checkpoint: { steps: state.steps }, done: true }
    } catch (error) {
      if (run.signal.aborted) throw run.signal.reason
      if (!(error instanceof Stopped) && !(run.isAsked && isAbort(error))) throw failed(error, job, run)
      return { checkpoint: { steps: state.steps } }
    }
  })
}

interface State {
  readonly run: Run
  readonly steps: DoneStep[]
  readonly named: Set<string>
}

function contextOf(state: State): JobContext {
  const { run } = state
  const { controls } = run
  const models = Object.fromEntries(registeredModels().map(({ definition, model }) => [definition.name, model]))
  const { args } = run.parameters<{ args: readonly string[] }>()
  return {
    models: models as never,
    args,
    signal: AbortSignal.any([run.signal, ...(controls.stop ? [controls.stop] : [])]),
    log: async text => {
      await run.log(text)
      controls.onLog?.(text)
    },
    progress: (done, total) => {
      const { id, summary, elapsed } = run
      controls.onProgress?.({ id, summary, elapsed, total: total ?? null, counters: { matched: done }, worked: done })
    },
    step: (name, work, options) => step(state, name, { work, ...options }),
  }
}

async function step<T>(
  state: State,
  name: string,
  { work, atomic }: StepOptions & { readonly work: () => T | Promise<T> },
): Promise<T> {
  const { run, steps, named } = state
  if (named.has(name))
    throw new GooseError('USAGE', { reason: `two steps are named "${name}"`, hint: 'give each step a name of its own' })
  named.add(name)
  const done = steps.find(one => one.name === name)
  if (done) return done.result as T
  if (run.isAsked) throw new Stopped()
  const doIt = () => run.time(name, async () => work())
  if (atomic)
    return transaction(async () => {
      const result = await doIt()
      await keep(state, name, result)
      return result
    })
  const result = await doIt()
  await keep(state, name, result)
  return result
}

async function keep({ run, steps }: State, name: string, result: unknown): Promise<void> {
  const at = steps.findIndex(one => one.name === name)
  // A transaction may be tried again: the step is kept once.
  if (at >= 0) steps.splice(at, 1)
  steps.push({ name, at: new Date(), result: result === undefined ? null : result })
  await run.keep({ checkpoint: { steps } })
}

async function unfinishedRun(lock: string): Promise<string | undefined> {
  const runs = await runsOf('default')
  const filter = { kind: KIND, lock, state: { $nin: [...OVER] } }
  const found = await runs.findOne(filter, { sort: { startedAt: -1 }, projection: { _id: 1 } })
  return found?._id
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

// What goose itself says is passed on as it is, and so is a lost connection, which is waited for.
function failed(error: unknown, job: Job, run: Run): unknown {
  if (error instanceof GooseError || comesOfLostConnection(error)) return error
  const { file } = run.parameters<{ file: string }>()
  const reason = error instanceof Error ? error.message : String(error)
  const line = new RegExp(`${file.replace(/\W/g, '\\$&')}:(\\d+)`).exec((error as Error)?.stack ?? '')?.[1]
  const meta: ErrorMeta = { job: job.name, reason, position: line ? ` (line ${line})` : '', run: run.id }
  return new GooseError('SCRIPT_FAILED', meta, { cause: error })
}
