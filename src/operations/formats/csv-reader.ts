// Reads documents from CSV: a head that names paths and types, and a line for each.
import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { GooseError } from '../../errors.ts'
import type { ModelDefinition } from '../../models/definition.ts'
import { BsonBuffer } from './bson-buffer.ts'
import { type Cell, type StoredValue, storedOf } from './csv-cell.ts'
import { type CsvColumn, columnOfHead } from './csv-column.ts'
import { type Entry, LARGEST_DOCUMENT, type Position } from './entry.ts'
import { Unreadable } from './json-scanner.ts'

interface ParsedRow {
  readonly record: readonly Cell[]
  readonly info: { readonly lines: number; readonly bytes: number }
  readonly raw: string
}

/** Reads all lines of CSV, but gives only those behind a position. Throws `INPUT_INVALID` for a head that cannot be. */
export async function* csvEntries(
  chunks: AsyncIterable<Buffer>,
  about: { readonly definition: ModelDefinition; readonly path: string; readonly from: Position },
): AsyncGenerator<readonly Entry[]> {
  const { definition, path, from } = about
  const rows = Readable.from(utf8(chunks)).pipe(parse(options))
  let columns: readonly CsvColumn[] | undefined
  let number = 0
  try {
    for await (const row of rows as AsyncIterable<ParsedRow>) {
      if (!columns) {
        columns = columnsIn(row, definition, path)
        yield [{ line: 1, end: 0, source: Buffer.from(`${row.raw.trimEnd()}\n`) }]
        continue
      }
      number += 1
      if (number > from.entries) yield [entryOf(row, columns)]
    }
  } catch (error) {
    if (error instanceof GooseError) throw error
    const { lines, message } = error as CsvError & { lines?: number }
    yield [{ line: lines ?? 1, end: 0, problem: message, isLast: true }]
  }
}

const options = {
  bom: true,
  info: true,
  raw: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: LARGEST_DOCUMENT * 4,
  cast: (text: string, { quoting }: { readonly quoting: boolean }): Cell => ({ text, isQuoted: quoting }),
} as never

// Text that is not UTF-8 would otherwise be replaced without a word.
async function* utf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let lines = 1
  for await (const chunk of chunks) {
    let text = ''
    try {
      text = decoder.decode(chunk, { stream: true })
    } catch (error) {
      throw Object.assign(new Error('it is not UTF-8, here or in the lines after it', { cause: error }), { lines })
    }
    lines += text.split('\n').length - 1
    yield text
  }
}

function columnsIn({ record }: ParsedRow, definition: ModelDefinition, path: string): readonly CsvColumn[] {
  const refuse = (reason: string, hint: string) =>
    new GooseError('INPUT_INVALID', { path, place: 'line 1', reason, hint })
  const columns = record.map(({ text }) => {
    const column = columnOfHead(definition, text.trim())
    if ('unknownType' in column)
      throw refuse(`there is no type "${column.unknownType}"`, 'write path:string, int, long, double, decimal, date …')
    return column
  })
  const paths = columns.map(column => column.path)
  const empty = paths.indexOf('')
  if (empty !== -1) throw refuse(`column ${empty + 1} has no name`, 'the first line names the paths')
  const listed = paths.find(name => /(^|\.)\d+(\.|$)/.test(name))
  if (listed) throw refuse(`"${listed}" names a place in a list`, 'write a list as one cell: ["a","b"]')
  const clash = paths.find((name, i) =>
    paths.some((other, j) => i !== j && (other === name || name.startsWith(`${other}.`))),
  )
  if (clash) throw refuse(`the column "${clash}" stands twice, or inside of another`, 'name each path once')
  return columns
}

function entryOf(row: ParsedRow, columns: readonly CsvColumn[]): Entry {
  const place = {
    line: row.info.lines - newlinesIn(row.raw),
    end: 0,
    source: Buffer.from(`${row.raw.replace(/\r?\n$/, '')}\n`),
  }
  if (row.record.length !== columns.length)
    return { ...place, problem: `it has ${row.record.length} cells, the first line names ${columns.length}` }
  const tree: Tree = new Map()
  for (const [i, column] of columns.entries()) {
    try {
      const value = storedOf(row.record[i]!, column)
      if (value) put(tree, column.path.split('.'), value)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return { ...place, problem: `${column.path}: ${error.message}` }
    }
  }
  const out = new BsonBuffer()
  write(out, tree)
  return { ...place, bytes: out.take() }
}

// The line that the parser counts is the last one of a record.
function newlinesIn(raw: string): number {
  return raw.replace(/\r?\n$/, '').split('\n').length - 1
}

type Tree = Map<string, Tree | StoredValue>

function put(tree: Tree, [name = '', ...rest]: readonly string[], value: StoredValue): void {
  if (rest.length === 0) {
    tree.set(name, value)
    return
  }
  const inner = tree.get(name)
  const next: Tree = inner instanceof Map ? inner : new Map()
  tree.set(name, next)
  put(next, rest, value)
}

function write(out: BsonBuffer, tree: Tree): void {
  const start = out.begin()
  for (const [name, value] of tree) {
    out.byte(value instanceof Map ? 3 : value.type)
    out.cstring(name)
    if (value instanceof Map) write(out, value)
    else out.raw(value.bytes)
  }
  out.end(start)
}
