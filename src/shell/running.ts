// Long operations at a prompt or in cron: limits, signals, progress and heartbeat.
import { GooseError } from '../errors.ts'
import type { RunRequest } from '../operations/run-document.ts'
import type { RunControls, RunEnding, RunProgress } from '../operations/run-steps.ts'
import type { Answer } from './answer.ts'
import { heartbeatOf } from './heartbeat.ts'
import { onInterruption } from './interruption.ts'
import { type Progress, progressOf } from './progress.ts'
import { plainLine, terminalLine } from './progress-line.ts'
import { type EndingFlags, endingAnswer } from './run-ending.ts'
import { keepMemorySmall } from './small-memory.ts'

/** The flags of long operations, `runFlags`, as they are parsed. */
export interface RunningFlags extends EndingFlags {
  readonly batch?: number | undefined
  readonly rate?: number | undefined
  readonly 'max-lag'?: number | undefined
  readonly 'run-time'?: number | undefined
  readonly 'max-docs'?: number | undefined
  readonly lock?: string | undefined
  readonly 'on-locked'?: 'skip' | 'wait' | 'fail' | undefined
  readonly reason?: string | undefined
  readonly timeout?: number | undefined
  readonly ping?: string | undefined
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
  keepMemorySmall()
  const interruption = onInterruption()
  const progress = progressOf(flags)
  const heartbeat = heartbeatOf(flags.ping)
  let at: RunProgress | undefined
  const onProgress = (run: RunProgress) => {
    if (!at) begun(run, progress)
    if (!at) heartbeat.started()
    at = run
    progress.tell(progress.isChanging ? terminalLine(run, lineFor(progress, interruption)) : plainLine(run))
  }
  try {
    const ending = await work({ stop: interruption.signal, patience: flags.timeout, onProgress, onLog: progress.say })
    const answer = endingAnswer(ending, flags)
    await heartbeat.ended(answer.exit === 6 ? 'badly' : 'well')
    return answer
  } catch (error) {
    progress.end()
    if (isSkipped(error, flags)) return skipped(error)
    await heartbeat.ended('badly')
    if (at && !isFinal(error))
      process.stderr.write(`run ${at.id} has kept its checkpoint; go on with: goose jobs resume ${at.id}\n`)
    throw error
  } finally {
    leave(progress, interruption)
  }
}

// Whoever watches it may want to steer it, from here or elsewhere.
function begun({ id, summary }: RunProgress, progress: Progress): void {
  if (progress.isChanging) progress.say(`${id}  ${summary}`)
}

function lineFor({ columns }: Progress, interruption: { isAsked(): boolean }) {
  return { columns, isStopping: interruption.isAsked() }
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
