// How the console is left: by Ctrl-D, a signal or the end of its terminal; an error behind a line is no reason.
import type { REPLServer } from 'node:repl'
import { setTimeout } from 'node:timers/promises'
import type { Style } from '../output/style.ts'
import type { Evaluation } from './evaluation.ts'
import { errorText } from './outcome.ts'
import type { Screen } from './screen.ts'
import type { Session } from './session.ts'
import { StoppedLine } from './wire.ts'

/** What is left, and where something is told until then. */
export interface Leaving {
  readonly session: Session
  readonly evaluation: Evaluation
  readonly screen: Screen
  readonly style: Style
}

/** Waits until the console is left, ends what it has open on the server, and gives the exit code. */
export async function untilLeft(server: REPLServer, { session, evaluation, screen, style }: Leaving): Promise<number> {
  let exit = 0
  const end = (code: number) => {
    exit = code
    evaluation.interrupt()
    server.close()
  }
  // Who has closed the window waits for nothing, and holds no locks.
  process.on('SIGHUP', () => end(129))
  process.on('SIGTERM', () => end(143))
  process.on('SIGINT', () => server.emit('SIGINT'))
  const tell = (error: unknown) => {
    const isGone = exit !== 0 || ['EPIPE', 'EIO'].includes(String((error as { code?: unknown } | null)?.code))
    if (!isGone && !(error instanceof StoppedLine)) screen.show(`${errorText(error, style)}\n  ${style.hint(behind)}`)
  }
  process.on('uncaughtException', tell)
  process.on('unhandledRejection', tell)
  await new Promise<void>(left => server.once('exit', () => left()))
  await Promise.race([session.leave().catch(() => undefined), setTimeout(PATIENCE, undefined, { ref: false })])
  return exit
}

const behind = 'nobody waited for this: it was thrown behind a line'

const PATIENCE = 2000
