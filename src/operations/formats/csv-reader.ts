// Reads documents from CSV: a head that names paths and types, and a line for each.
import { GooseError } from '../../errors.ts'
import type { ModelDefinition } from '../../models/definition.ts'
import { suggestion } from '../../models/nearest.ts'
import { findPath, pathNames } from '../../models/path.ts'
import { BsonBuffer } from './bson-buffer.ts'
import { type StoredValue, storedOf } from './csv-cell.ts'
import { type CsvColumn, columnOfHead } from './csv-column.ts'
import { type CsvRecord, CsvRecords } from './csv-records.ts'
import { type Entry, LARGEST_DOCUMENT, type Position, tooLarge } from './entry.ts'
import { Unreadable } from './json-scanner.ts'

/** What is known of a file of CSV. */
export interface CsvAbout {
  readonly definition: ModelDefinition
  readonly path: string
  readonly from: Position
  /** Whether a head may name what the model does not know. */
  readonly takesUnknown: boolean
}

/** Reads the head, then what stands behind a position. Throws `INPUT_INVALID` for a head that cannot be. */
export async function* csvEntries(
  chunks: (offset: number) => AsyncGenerator<Buffer>,
  about: CsvAbout,
): AsyncGenerator<readonly Entry[]> {
  const { from } = about
  let columns: readonly CsvColumn[] | undefined
  for await (const records of recordsFrom(chunks(0), { offset: 0, line: 1 })) {
    const head = columns ? undefined : records[0]
    if (head) {
      columns = columnsIn(head, about)
      yield [{ line: 1, end: head.end, source: head.text! }]
    }
    if (columns && from.offset > 0) break
    if (columns) yield entriesOf(head ? records.slice(1) : records, columns)
  }
  if (!columns || from.offset === 0) return
  for await (const records of recordsFrom(chunks(from.offset), from)) yield entriesOf(records, columns)
}

async function* recordsFrom(
  chunks: AsyncGenerator<Buffer>,
  from: Pick<Position, 'offset' | 'line'>,
): AsyncGenerator<readonly CsvRecord[]> {
  const records = new CsvRecords(from)
  for await (const chunk of chunks) yield records.push(chunk)
  yield records.end()
}

function entriesOf(records: readonly CsvRecord[], columns: readonly CsvColumn[]): readonly Entry[] {
  return records.map(record => entryOf(record, columns))
}

function columnsIn(record: CsvRecord, { definition, path, takesUnknown }: CsvAbout): readonly CsvColumn[] {
  const refuse = (reason: string, hint: string) =>
    new GooseError('INPUT_INVALID', { path, place: 'line 1', reason, hint })
  const { cells, problem } = record
  if (!cells) throw refuse(problem!, 'the first line names the paths')
  if (cells.some(({ text }) => text.includes('\r')))
    throw refuse('its lines end with a carriage return alone', 'let lines end with a line feed')
  const columns = cells.map(({ text }) => {
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
  const unknown = takesUnknown ? undefined : paths.find(name => !findPath(definition, name).known)
  if (unknown !== undefined)
    throw refuse(`${definition.name} has no path ${JSON.stringify(unknown)}`, hintOf(unknown, definition))
  return columns
}

function hintOf(unknown: string, definition: ModelDefinition): string {
  const other = /[;\t|]/.exec(unknown)?.[0]
  if (other) return `separate cells by commas; here they seem to be by ${other === '\t' ? 'tabs' : `"${other}"`}`
  return `${suggestion(unknown, pathNames(definition))}, or take --no-validate to store it all the same`
}

function entryOf({ cells, problem, text: source, ...place }: CsvRecord, columns: readonly CsvColumn[]): Entry {
  const here = { ...place, ...(source ? { source } : {}) }
  if (!cells) return { ...here, problem: problem! }
  if (cells.length !== columns.length)
    return { ...here, problem: `it has ${cells.length} cells, the first line names ${columns.length}` }
  const tree: Tree = new Map()
  for (const [i, column] of columns.entries()) {
    try {
      const value = storedOf(cells[i]!, column)
      if (value) put(tree, column.path.split('.'), value)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return { ...here, problem: `${column.path}: ${error.message}` }
    }
  }
  const out = new BsonBuffer()
  write(out, tree)
  const bytes = out.take()
  return bytes.length > LARGEST_DOCUMENT ? { ...here, problem: tooLarge(bytes.length) } : { ...here, bytes }
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
