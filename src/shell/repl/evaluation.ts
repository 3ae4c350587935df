// Evaluates what is typed: awaits by itself, reads the first page of results, and can be stopped.
import type { Names } from './names.ts'
import { type Pages, pagesOf } from './pages.ts'
import { programOf } from './program.ts'
import type { Session } from './session.ts'
import type { Watchdog } from './watchdog.ts'
import { StoppedLine } from './wire.ts'

/** What a line has come to. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'pages'
      readonly value: unknown
      readonly pages: Pages
      readonly first: Awaited<ReturnType<Pages['next']>>
    }
  | { readonly kind: 'stopped'; readonly way: 'stopped' | 'taken back' }

/** What lines are evaluated with. */
export interface EvaluationSetting {
  readonly names: Names
  readonly session: Session
  /** Whether Ctrl-C at the terminal ends what does not wait for anything. */
  readonly isBreakable?: boolean
  /** Reads Ctrl-C where a line lets nobody else do so. */
  readonly watchdog?: Pick<Watchdog, 'watch' | 'isPressed'>
}

/** Evaluates lines of one session, one at a time. */
export class Evaluation {
  readonly #names: Names
  readonly #session: Session
  readonly #isBreakable: boolean
  readonly #watchdog: EvaluationSetting['watchdog']
  #stop: (() => void) | undefined

  constructor({ names, session, isBreakable = false, watchdog }: EvaluationSetting) {
    this.#names = names
    this.#session = session
    this.#isBreakable = isBreakable
    this.#watchdog = watchdog
  }

  get isRunning(): boolean {
    return this.#stop !== undefined
  }

  /** Evaluates code; throws what it throws, and `Unfinished` where it ends in the middle of something. */
  async evaluate(code: string, file: string): Promise<Outcome> {
    const program = programOf(code)
    try {
      return await this.#stoppable(line =>
        this.#session.run(async () => {
          const isStopped = () => line.aborted || this.#watchdog?.isPressed() === true
          const { value } = await this.#names.run(program, { file, isBreakable: this.#isBreakable, isStopped })
          return outcomeOf(await value)
        }, line),
      )
    } catch (error) {
      // Ctrl-C in a loop that never waits comes from V8 itself.
      const { code } = (error ?? {}) as { readonly code?: unknown }
      if (code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' || error instanceof StoppedLine)
        return { kind: 'stopped', way: 'stopped' }
      throw error
    }
  }

  /** Evaluates code and gives its value as it is: a query stays one. */
  async raw(code: string): Promise<unknown> {
    return (await this.#names.run(programOf(code), { file: 'repl' })).value
  }

  /** Reads the next page. */
  page(pages: Pages): Promise<Outcome> {
    return this.#stoppable(line =>
      this.#session.run(
        async () => ({ kind: 'pages' as const, value: undefined, pages, first: await pages.next() }),
        line,
      ),
    )
  }

  /** Runs a command of the console, which can be stopped like any line. */
  act(work: () => Promise<void>): Promise<Outcome> {
    return this.#stoppable(async () => {
      await work()
      return { kind: 'value' as const, value: undefined }
    })
  }

  /** Stops what runs: the shell goes on, the server is told to end it. */
  interrupt(): void {
    this.#stop?.()
  }

  async #stoppable(work: (line: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const line = new AbortController()
    const stopped = new Promise<Outcome>((resolve, reject) => {
      this.#stop = () => {
        line.abort()
        this.#session.stop(line.signal).then(way => resolve({ kind: 'stopped', way }), reject)
      }
    })
    const ended = this.#watchdog?.watch()
    const running = this.#session.wire.within(line.signal, () => work(line.signal))
    // What was stopped fails later, when nobody waits for it any more.
    running.catch(() => undefined)
    try {
      return await Promise.race([running, stopped])
    } catch (error) {
      if (line.signal.aborted) return stopped
      throw error
    } finally {
      ended?.()
      this.#stop = undefined
    }
  }
}

async function outcomeOf(value: unknown): Promise<Outcome> {
  const pages = pagesOf(value)
  return pages ? { kind: 'pages', value, pages, first: await pages.next() } : { kind: 'value', value }
}
