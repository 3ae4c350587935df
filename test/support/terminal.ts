// A terminal for tests: a program on a pseudo-terminal, what a person sees there, and keys as they are pressed.
import { stripVTControlCharacters } from 'node:util'
import { spawn } from '@lydell/node-pty'

/** A program that runs on a terminal. */
export interface Terminal {
  /** All that was shown so far, without what steers the terminal. */
  readonly shown: string
  /** All that was written so far, as it was written. */
  readonly written: string
  /** Waits for a text that comes after all that was waited for before; gives what was shown up to its end. */
  sees(text: string | RegExp): Promise<string>
  /** Types text or presses keys, one after the other. */
  press(...texts: readonly string[]): void
  /** Types a line as an answer, once the question is shown. */
  answer(question: string | RegExp, text: string): Promise<void>
  resize(columns: number, rows: number): void
  signal(signal: NodeJS.Signals): void
  /** Waits for the end of the program; gives its exit code, 128 and more after a signal. */
  readonly ended: Promise<number>
}

/** What a terminal is opened with. */
export interface TerminalOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly columns?: number
  readonly rows?: number
}

/** Keys by their names. */
export const keys = {
  enter: '\r',
  tab: '\t',
  space: ' ',
  escape: '\u001b',
  backspace: '\u007f',
  up: '\u001b[A',
  down: '\u001b[B',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
  ctrlR: '\u0012',
  ctrlU: '\u0015',
}

/** Runs a program on a terminal of its own; nothing says that nobody is there, unless `env` says so. */
export function openTerminal(
  command: readonly string[],
  { cwd, env, columns = 80, rows = 24 }: TerminalOptions,
): Terminal {
  const [file = '', ...args] = command
  const own = { ...env, CI: env.CI ?? '', TERM: 'xterm-256color', COLUMNS: undefined, LINES: undefined }
  const child = spawn(file, args, { cols: columns, rows, cwd, env: given(own) })
  let written = ''
  let from = 0
  const waiting = new Set<() => void>()
  child.onData(text => {
    written += text
    for (const look of waiting) look()
  })
  const ended = new Promise<number>(end =>
    child.onExit(({ exitCode, signal }) => end(signal ? 128 + signal : exitCode)),
  )
  const sees = (text: string | RegExp) =>
    new Promise<string>((found, missing) => {
      const stop = () => {
        waiting.delete(look)
        clearTimeout(timer)
      }
      const look = () => {
        const at = ending(shownOf(written), text, from)
        if (at === undefined) return
        stop()
        found(shownOf(written).slice(from, at))
        from = at
      }
      const fail = (why: string) => {
        if (!waiting.has(look)) return
        stop()
        missing(new Error(`${why} without ${text}:\n${shownOf(written).slice(from)}`))
      }
      const timer = setTimeout(() => fail('waited'), 25_000)
      waiting.add(look)
      look()
      void ended.then(code => fail(`ended with ${code}`))
    })
  const press = (...texts: readonly string[]) => {
    for (const text of texts) child.write(text)
  }
  return {
    get shown() {
      return shownOf(written)
    },
    get written() {
      return written
    },
    sees,
    press,
    answer: async (question, text) => {
      await sees(question)
      press(text, keys.enter)
    },
    resize: (width, height) => child.resize(width, height),
    signal: signal => child.kill(signal),
    ended,
  }
}

function shownOf(written: string): string {
  return stripVTControlCharacters(written).replaceAll('\r\n', '\n')
}

function ending(shown: string, text: string | RegExp, from: number): number | undefined {
  if (typeof text === 'string') {
    const at = shown.indexOf(text, from)
    return at === -1 ? undefined : at + text.length
  }
  const found = text.exec(shown.slice(from))
  return found ? from + found.index + found[0].length : undefined
}

function given(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
