// Reads the tables of calls: a line is a call, what stands before and after it says what is known of the answer.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from '@mongodb-js/shell-bson-parser'

/** Documents are written as the shell writes them: numbers without a fraction are int32. */
export interface Call {
  readonly table: string
  readonly line: number
  readonly text: string
  /** the documents that are there when it is asked */
  readonly documents: readonly object[]
  /** why the reference server's answer does not count */
  readonly excuse: string | undefined
  /** the answer that MongoDB documents, as text */
  readonly answer: string | undefined
}

const folder = join(import.meta.dirname, 'tables')

/** Gives the calls of all tables by the table's name. */
export function tables(): ReadonlyMap<string, readonly Call[]> {
  const files = readdirSync(folder).filter(file => file.endsWith('.txt'))
  return new Map(
    files.map(file => [file.slice(0, -4), callsIn(file.slice(0, -4), readFileSync(join(folder, file), 'utf8'))]),
  )
}

/** Reads a table; what is excused on a line of its own is left out of the lines with `@`. */
function callsIn(table: string, text: string): readonly Call[] {
  const calls = linesIn(table, text)
  const excused = new Set(calls.filter(call => call.excuse !== undefined).map(call => call.text))
  return calls.filter(call => call.excuse !== undefined || !excused.has(call.text))
}

/** Reads `#` headings, `docs`, `values` for each `@`, `!` excuses, `=>` answers; every other line is a call. */
function linesIn(table: string, text: string): readonly Call[] {
  const calls: Call[] = []
  let documents: readonly object[] = []
  let values: readonly string[] = []
  let excuse: string | undefined
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    if (line.startsWith('docs ')) documents = parsed(line.slice(5)) as readonly object[]
    else if (line.startsWith('! ')) excuse = line.slice(2)
    else if (line.startsWith('=> ')) calls.push({ ...calls.pop()!, answer: line.slice(3) })
    else if (line.startsWith('values ')) values = line.slice(7).split(' | ')
    else {
      for (const text of line.includes('@') ? values.map(value => line.replaceAll('@', value)) : [line])
        calls.push({ table, line: at + 1, text, documents, excuse, answer: undefined })
      excuse = undefined
    }
  }
  return calls
}

/** Reads text as the shell does; throws for what it cannot read. */
export function parsed(text: string): unknown {
  const read = parse(text, { mode: 'loose' as never }) as unknown
  if (read === '') throw new SyntaxError(`the table holds what cannot be read: ${text}`)
  return read
}
