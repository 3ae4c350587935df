// Evaluates what is typed: awaits by itself, reads the first page of results, and can be stopped.
import { Recoverable } from 'node:repl'
import type { Context } from 'node:vm'
import { type Pages, pagesOf } from './pages.ts'
import type { Session } from './session.ts'

/** Node's own evaluation, which knows `await` at the top and asks for more lines. */
export type NativeEval = (
  code: string,
  context: Context,
  file: string,
  done: (error: Error | null, value?: unknown) => void,
) => void

/** What a line has come to. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'pages'
      readonly value: unknown
      readonly pages: Pages
      readonly first: Awaited<ReturnType<Pages['next']>>
    }
  | { readonly kind: 'more'; readonly error: Error }
  | { readonly kind: 'stopped'; readonly way: 'stopped' | 'taken back' }

/** Evaluates lines of one session, one at a time. */
export class Evaluation {
  readonly #native: NativeEval
  readonly #session: Session
  #stop: (() => void) | undefined
  #isInside = false

  constructor(native: NativeEval, session: Session) {
    this.#native = native
    this.#session = session
  }

  get isRunning(): boolean {
    return this.#stop !== undefined
  }

  /** Whether Node's own evaluation has not given its value yet. */
  get isInside(): boolean {
    return this.#isInside
  }

  /** Evaluates code; throws what it throws. */
  async evaluate(code: string, context: Context, file: string): Promise<Outcome> {
    try {
      return await this.#stoppable(line =>
        this.#session.run(async () => {
          const raw = await this.#evaluated(code, context, file)
          return raw.kind === 'more' ? raw : outcomeOf(await raw.value)
        }, line),
      )
    } catch (error) {
      // Ctrl-C in a loop that never waits comes from V8 itself.
      if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED')
        return { kind: 'stopped', way: 'stopped' }
      throw error
    }
  }

  /** Evaluates code and gives its value as it is: a query stays one. */
  async raw(code: string, context: Context): Promise<unknown> {
    const evaluated = await this.#evaluated(code, context, 'repl')
    if (evaluated.kind === 'more') throw new SyntaxError('the expression is not complete')
    return evaluated.value
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
    const running = this.#session.wire.within(line.signal, () => work(line.signal))
    // What was stopped fails later, when nobody waits for it any more.
    running.catch(() => undefined)
    try {
      return await Promise.race([running, stopped])
    } catch (error) {
      if (line.signal.aborted) return stopped
      throw error
    } finally {
      this.#stop = undefined
    }
  }

  // The value comes in a box: a promise that is the value of a line must not be awaited on the way here.
  #evaluated(code: string, context: Context, file: string) {
    return new Promise<{ kind: 'boxed'; value: unknown } | { kind: 'more'; error: Error }>((resolve, reject) => {
      this.#isInside = true
      this.#native(code, context, file, (error, value) => {
        this.#isInside = false
        if (error instanceof Recoverable) return resolve({ kind: 'more', error })
        return error ? reject(error) : resolve({ kind: 'boxed', value })
      })
    })
  }
}

async function outcomeOf(value: unknown): Promise<Outcome> {
  const pages = pagesOf(value)
  return pages ? { kind: 'pages', value, pages, first: await pages.next() } : { kind: 'value', value }
}
