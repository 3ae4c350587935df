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
}

/** Makes the page for an answer: a table on a terminal, one JSON document per line anywhere else. */
export async function pageFor(flags: OutputFlags): Promise<Page> {
  const { styleOf } = await import('./output/style.ts')
  const isTerminal = process.stdout.isTTY === true
  return {
    format: flags.json ? 'json' : (flags.output ?? (isTerminal ? 'table' : 'ndjson')),
    isAsked: flags.json === true || flags.output !== undefined,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    style: styleOf({ flag: flags.color, env: process.env, stream: process.stdout }),
    talk: styleOf({ flag: flags.color, env: process.env, stream: process.stderr }),
    width: flags.width ?? (isTerminal ? process.stdout.columns || 80 : columnsOf(process.env)),
    isQuiet: flags.quiet === true,
    isTalking: process.stderr.isTTY === true || flags.verbose === true,
    now: new Date(),
  }
}

/** The width that whoever started this process asks for, as tests and pagers do. */
function columnsOf(env: NodeJS.ProcessEnv): number | undefined {
  const columns = Number(env.COLUMNS)
  return Number.isInteger(columns) && columns >= 20 ? columns : undefined
}
