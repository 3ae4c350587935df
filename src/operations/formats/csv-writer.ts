// Writes stored documents as CSV: a head, and a line for each.
import { cellOf, isSame } from './csv-cell.ts'
import type { CsvColumn } from './csv-column.ts'
import { valueAt } from './ejson-writer.ts'
import { endOfValue } from './stored-walk.ts'
import type { TextBuffer } from './text-buffer.ts'

/** Writes lines of CSV, and remembers what the columns could not take. */
export interface CsvWriter {
  head(out: TextBuffer): void
  document(out: TextBuffer, bytes: Buffer): void
  /** Fields that have no column, and values that come back as text. */
  readonly lost: { readonly fields: ReadonlySet<string>; readonly values: ReadonlySet<string> }
}

/** Makes the writer of some columns. */
export function csvWriter(columns: readonly CsvColumn[]): CsvWriter {
  const lost = { fields: new Set<string>(), values: new Set<string>() }
  const roots = new Set(columns.map(({ path }) => path.split('.')[0]!))
  const head = (out: TextBuffer) => {
    out.text(`${columns.map(({ path }) => quoted(path)).join(',')}\n`)
  }
  const document = (out: TextBuffer, bytes: Buffer) => {
    for (const name of namesIn(bytes)) if (!roots.has(name) && lost.fields.size < 100) lost.fields.add(name)
    const cells = columns.map(column => cellAt(bytes, column, lost.values))
    out.text(`${cells.join(',')}\n`)
  }
  return { head, document, lost }
}

function cellAt(bytes: Buffer, column: CsvColumn, lost: Set<string>): string {
  const at = elementAt(bytes, column.path.split('.'))
  if (at === undefined) return ''
  const { type, start } = valueAt(bytes, at)
  const cell = cellOf(bytes, at, column)
  const value = { type, bytes: bytes.subarray(start, endOfValue(bytes, type, start)) }
  if (!isSame(cell, column, value) && !isSame({ ...cell, isQuoted: true }, column, value)) lost.add(column.path)
  return cell.isQuoted ? `"${cell.text.replaceAll('"', '""')}"` : quoted(cell.text)
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function* namesIn(bytes: Buffer): Generator<string> {
  for (let at = 4; bytes[at] !== 0; ) {
    const { type, start } = valueAt(bytes, at)
    yield bytes.toString('utf8', at + 1, start - 1)
    at = endOfValue(bytes, type, start)
  }
}

/** Finds the element of a path, through documents but not through lists. */
function elementAt(bytes: Buffer, [name, ...rest]: readonly string[], begin = 0): number | undefined {
  for (let at = begin + 4; bytes[at] !== 0; ) {
    const { type, start } = valueAt(bytes, at)
    if (bytes.toString('utf8', at + 1, start - 1) === name) {
      if (rest.length === 0) return at
      return type === 3 ? elementAt(bytes, rest, start) : undefined
    }
    at = endOfValue(bytes, type, start)
  }
  return undefined
}
