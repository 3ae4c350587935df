// The streams of this process as a page to print on: format, width and colour.
import type { Format, Page } from './output/page.ts'
import { sinkOf } from './output/sink.ts'

/** The flags that decide how an answer looks. */
export interface OutputFlags {
  readonly output?: Format | undefined
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  readonly color?: boolean | undefined
  readonly width?: number | undefined
  readonly 'no-pager'?: boolean | undefined
  readonly 'no-input'?: boolean | undefined
}

/** Makes the page for an answer: a table on a terminal, one JSON document per line anywhere else. */
export async function pageFor(flags: OutputFlags): Promise<Page> {
  const { styleOf } = await import('./output/style.ts')
  const isTerminal = process.stdout.isTTY === true
  const paged = isTerminal ? await pagedOutput(flags) : undefined
  return {
    format: flags.json ? 'json' : (flags.output ?? (isTerminal ? 'table' : 'ndjson')),
    isAsked: flags.json === true || flags.output !== undefined,
    stdout: paged ?? sinkOf(process.stdout),
    isTerminal,
    stderr: sinkOf(process.stderr),
    style: styleOf({ flag: flags.color, env: process.env, stream: process.stdout }),
    talk: styleOf({ flag: flags.color, env: process.env, stream: process.stderr }),
    width: flags.width ?? (isTerminal ? process.stdout.columns || 80 : columnsOf(process.env)),
    isQuiet: flags.quiet === true,
    isTalking: process.stderr.isTTY === true || flags.verbose === true,
    isPaged: () => paged?.isOpen() === true,
    now: new Date(),
  }
}

/** Gives the pager of a terminal where somebody is there to turn pages. */
async function pagedOutput(flags: OutputFlags) {
  const { env, stdin, stdout } = process
  if (flags['no-pager'] || flags['no-input'] || env.CI || env.TERM === 'dumb' || !stdin.isTTY) return undefined
  const { pagedSink, pagerOf } = await import('./output/pager.ts')
  const command = pagerOf(env)
  if (command === undefined) return undefined
  return pagedSink({ columns: stdout.columns || 80, rows: stdout.rows || 24, command, stdout: sinkOf(stdout) })
}

/** The width that whoever started this process asks for, as tests and pagers do. */
function columnsOf(env: NodeJS.ProcessEnv): number | undefined {
  const columns = Number(env.COLUMNS)
  return Number.isInteger(columns) && columns >= 20 ? columns : undefined
}
