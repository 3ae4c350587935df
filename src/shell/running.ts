// Long operations at a prompt or in cron: signals, progress, the summary at the end, and the exit code.
import { GooseError } from '../errors.ts'
import type { RunRequest } from '../operations/run-document.ts'
import type { RunControls, RunEnding, RunProgress } from '../operations/run-steps.ts'
import { grouped, lengthOf, share } from './amounts.ts'
import type { Answer } from './answer.ts'
import { onInterruption } from './interruption.ts'
import { type Progress, progressOf } from './progress.ts'

/** The flags of long operations, `runFlags`, as they are parsed. */
export interface RunningFlags {
  readonly batch?: number | undefined
  readonly rate?: number | undefined
  readonly 'max-lag'?: number | undefined
  readonly 'run-time'?: number | undefined
  readonly 'max-docs'?: number | undefined
  readonly lock?: string | undefined
  readonly 'on-locked'?: 'skip' | 'wait' | 'fail' | undefined
  readonly reason?: string | undefined
  readonly timeout?: number | undefined
  readonly quiet?: boolean | undefined
  readonly output?: string | undefined
  readonly json?: boolean | undefined
}

type Asked = Pick<RunRequest, 'lock' | 'onLocked' | 'reason' | 'limits'>

/** Gives what the flags say of a run, to be put into its request. */
export function askedOf(flags: RunningFlags): Asked {
  const { batch, rate, lock, reason } = flags
  const limits = { rate, maxLag: flags['max-lag'], runTime: flags['run-time'], maxDocs: flags['max-docs'] }
  return {
    lock,
    onLocked: flags['on-locked'],
    reason,
    limits: { ...limits, ...(batch === undefined ? {} : { batch }) },
  }
}

/** Does long work: the first signal stops it after a batch, a second one at once; progress goes to stderr. */
export async function carryOut(
  flags: RunningFlags,
  work: (controls: RunControls) => Promise<RunEnding>,
): Promise<Answer> {
  const interruption = onInterruption()
  const progress = progressOf(flags)
  let at: RunProgress | undefined
  const onProgress = (run: RunProgress) => {
    at = run
    progress.tell(progressText(run, interruption.isAsked()))
  }
  try {
    const ending = await work({ stop: interruption.signal, patience: flags.timeout, onProgress, onLog: progress.say })
    return endingAnswer(ending, flags)
  } catch (error) {
    progress.end()
    if (isSkipped(error, flags)) return skipped(error)
    if (at && !isFinal(error))
      process.stderr.write(`run ${at.id} has kept its checkpoint; go on with: goose jobs resume ${at.id}\n`)
    throw error
  } finally {
    leave(progress, interruption)
  }
}

// What is typed next needs the name of the run, which nothing else on a terminal says.
function nextOf({ isComplete, kind, run, counters }: RunEnding): string {
  if (!isComplete) return `; go on with: goose jobs resume ${run}`
  const isTakenBack = kind.startsWith('bulk') && Number(counters.changed ?? counters.deleted ?? 1) > 0
  return isTakenBack ? `; to take it back: goose undo ${run}` : ''
}

// Complete, partly, or stopped on purpose.
function endingAnswer(ending: RunEnding, flags: RunningFlags = {}): Answer {
  const exit = exitOf(ending)
  const why = `WHY-QUIT ${ending.why}${nextOf(ending)}`
  const { kind, state, counters, run } = ending
  const counted = Object.entries(counters).map(([name, count]) => `${name} ${grouped(count)}`)
  const text = `${kind.toUpperCase()} ${[state === 'done' && counted.length > 0 ? '' : state, ...counted].filter(Boolean).join('  ')}`
  const footer = [
    timesText(ending),
    why,
    ...(counters.conflicts || counters.kept || counters.failed ? [`see: goose jobs show ${run}`] : []),
  ]
  const isSilent = flags.quiet === true && !flags.json && flags.output === undefined
  // Cron mails what is printed: nothing when all went well, the reason when not.
  if (flags.quiet && exit !== 0) process.stderr.write(`${text}\n${why}\n`)
  if (isSilent) return { kind: 'value', data: ending, text: '', isText: true, exit }
  return { kind: 'value', data: ending, text, footer: () => footer, exit }
}

/** Gives the exit code of an ending: 0 complete, 6 partly, 8 stopped early on purpose. */
function exitOf({ isComplete, counters }: RunEnding): number {
  if (!isComplete) return 8
  return ['conflicts', 'kept', 'failed'].some(name => (counters[name] ?? 0) > 0) ? 6 : 0
}

function timesText({ times, milliseconds }: RunEnding): string {
  const whole = Object.values(times).reduce((sum, time) => sum + time, 0)
  const steps = Object.entries(times).map(([step, time]) => `${step} ${share(time, whole)}`)
  return `TIME     ${[...steps, lengthOf(milliseconds)].join('  ')}`
}

const BAR = 20

function progressText(run: RunProgress, isStopping: boolean): string {
  const done = run.counters.matched ?? 0
  const rate = run.elapsed < 100 ? 0 : (run.worked / run.elapsed) * 1000
  const speed = rate > 0 ? `${grouped(rate)}/s` : ''
  const hint = isStopping ? 'stopping after this batch (Ctrl-C: at once)' : '(Ctrl-C: stop after this batch)'
  if (!run.total) return [grouped(done), speed, hint].filter(Boolean).join('  ')
  const part = Math.min(1, done / run.total)
  const bar = '█'.repeat(Math.round(part * BAR)).padEnd(BAR, '░')
  const eta = rate > 0 && part < 1 ? `ETA ${lengthOf(((run.total - done) / rate) * 1000)}` : ''
  return [share(done, run.total), bar, `${grouped(done)}/${grouped(run.total)}`, speed, eta, hint]
    .filter(Boolean)
    .join('  ')
}

function isSkipped(error: unknown, flags: RunningFlags): error is GooseError {
  return flags['on-locked'] === 'skip' && error instanceof GooseError && error.code === 'JOB_LOCKED'
}

// What does not fit is to be corrected, and a file that is cut to be got again: no run goes on with it.
function isFinal(error: unknown): boolean {
  if (!(error instanceof GooseError)) return false
  return error.code === 'INPUT_INVALID' || (error.code === 'FILE_FAILED' && error.meta.action === 'read')
}

function skipped(error: GooseError): Answer {
  const data = { skipped: true, ...error.meta }
  return { kind: 'value', data, text: '', isText: true, footer: () => [`skipped: ${error.message}`], exit: error.exit }
}

function leave(progress: Progress, interruption: { leave(): void }): void {
  progress.end()
  interruption.leave()
}
