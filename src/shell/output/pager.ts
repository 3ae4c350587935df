// Shows answers that are longer than the screen in a pager; those that fit are printed as they are.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Sink, sinkOf } from './sink.ts'
import { widthOf } from './width.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The screen that an answer may not fit, and what shows it then. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  readonly command: string
  readonly stdout: Sink
}

/** Names the pager: GOOSE_PAGER, PAGER, or less; none where it is switched off or not installed. */
export function pagerOf(env: Environment): string | undefined {
  const command = (env.GOOSE_PAGER ?? env.PAGER ?? 'less -FRX').trim()
  const [program = ''] = command.split(/\s+/)
  if (program === '' || program === 'cat') return undefined
  return program.includes('=') || isInstalled(program, env) ? command : undefined
}

/** Makes a place for an answer that holds a screenful back, and opens the pager for more. */
export function pagedSink(
  screen: Screen,
): Sink & { readonly end: () => Promise<void>; readonly isOpen: () => boolean } {
  let held = ''
  let used = 0
  let pager: Pager | undefined
  const write = async (text: string) => {
    if (pager) return pager.sink.write(text)
    held += text
    used += rowsOf(text, screen.columns)
    if (used < screen.rows) return
    pager = openPager(screen.command)
    await pager.sink.write(held)
  }
  const end = async () => {
    if (pager) return pager.end()
    const text = held
    held = ''
    if (text !== '') await screen.stdout.write(text)
  }
  return { write, end, isOpen: () => pager?.isRunning() === true }
}

interface Pager {
  readonly sink: Sink
  isRunning(): boolean
  end(): Promise<void>
}

function openPager(command: string): Pager {
  const env = { ...process.env, LESS: process.env.LESS ?? 'FRX', LV: process.env.LV ?? '-c' }
  const child: ChildProcess = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], env })
  const closed = once(child, 'close')
  const { stdin } = child
  if (!stdin) throw new Error('a pager that was asked for a pipe has one')
  return {
    sink: sinkOf(stdin),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    end: async () => {
      stdin.end()
      await closed
    },
  }
}

/** Counts the rows of a screen that a text takes; long lines take more than one. */
function rowsOf(text: string, columns: number): number {
  const lines = stripVTControlCharacters(text).split('\n')
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), -1)
}

function isInstalled(program: string, env: Environment): boolean {
  const places = program.includes('/')
    ? [program]
    : (env.PATH ?? '').split(delimiter).map(folder => join(folder, program))
  return places.some(place => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
