// Prints rows as they come: a table laid out by its first screenful, or a line for each.
import type { Column, Row, RowsAnswer } from '../answer.ts'
import { type Cell, type CellLook, cellOf } from './cell.ts'
import { csvCell, csvLine, harmless } from './csv.ts'
import { ejsonText } from './ejson.ts'
import { escapeControl } from './escape.ts'
import { jsonText } from './json.ts'
import type { Page } from './page.ts'
import { atPath } from './path.ts'
import type { Sink } from './sink.ts'
import { planTable, screenful, type TablePlan } from './table.ts'
import { yamlText } from './yaml.ts'

/** How many rows were printed, and what a person should know about how. */
export interface RowsPrinted {
  readonly count: number
  readonly notes: readonly string[]
}

/** Prints rows one after another; only the first screenful of a table is held in memory. */
export async function printRows(answer: RowsAnswer, page: Page, look: CellLook): Promise<RowsPrinted> {
  if (page.format === 'table' || page.format === 'wide') return printTable(answer, page, look)
  if (page.format === 'json') return printArray(answer.rows, page.stdout)
  const lines = lineWriter(answer.columns, page)
  if (lines.head) await page.stdout.write(lines.head)
  let count = 0
  for await (const row of answer.rows) {
    await page.stdout.write(await lines.of(row))
    count += 1
  }
  return { count, notes: [] }
}

interface LineWriter {
  readonly head?: string
  of(row: Row): string | Promise<string>
}

function lineWriter(columns: readonly Column[], page: Page): LineWriter {
  const { format } = page
  if (format === 'csv') {
    const head = `${csvLine(columns.map(column => column.path))}\n`
    const cells = (row: Row) => columns.map(column => csvCell(atPath(row, column.path)))
    return { head, of: row => harmless(`${csvLine(cells(row))}\n`, page) }
  }
  if (format === 'yaml') return { of: row => `---\n${yamlText(row)}\n` }
  if (format === 'ejson') return { of: async row => `${await ejsonText(row)}\n` }
  return { of: row => `${jsonText(row)}\n` }
}

async function printArray(rows: RowsAnswer['rows'], stdout: Sink): Promise<RowsPrinted> {
  let count = 0
  for await (const row of rows) {
    await stdout.write(`${count === 0 ? '[\n' : ',\n'}${jsonText(row)}`)
    count += 1
  }
  await stdout.write(count === 0 ? '[]\n' : '\n]\n')
  return { count, notes: [] }
}

async function printTable(answer: RowsAnswer, page: Page, look: CellLook): Promise<RowsPrinted> {
  const iterator = iteratorOf(answer.rows)
  const cellsOf = (row: Row) => answer.columns.map(column => cellOf(atPath(row, column.path), look))
  const first = await take(iterator, screenful)
  if (first.rows.length === 0) return { count: 0, notes: [] }
  const frame = {
    heads: answer.columns.map(column => escapeControl(column.head)),
    width: page.format === 'wide' ? undefined : page.width,
    style: page.style,
  }
  const plan = planTable(frame, first.rows.map(cellsOf), first.isEnd ? 'closed' : 'open')
  await page.stdout.write(`${plan.text}\n`)
  const more = first.isEnd ? 0 : await printRest(iterator, { plan, cellsOf, stdout: page.stdout })
  return { count: first.rows.length + more, notes: hiddenNote(answer.columns, plan.hidden) }
}

interface Rest {
  readonly plan: TablePlan
  readonly stdout: Sink
  cellsOf(row: Row): readonly Cell[]
}

async function printRest(
  iterator: AsyncIterator<Row> | Iterator<Row>,
  { plan, cellsOf, stdout }: Rest,
): Promise<number> {
  let count = 0
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    await stdout.write(`${plan.line(cellsOf(next.value))}\n`)
    count += 1
  }
  await stdout.write(`${plan.end}\n`)
  return count
}

function iteratorOf(rows: RowsAnswer['rows']): AsyncIterator<Row> | Iterator<Row> {
  return Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
}

async function take(iterator: AsyncIterator<Row> | Iterator<Row>, most: number) {
  const rows: Row[] = []
  while (rows.length < most) {
    const next = await iterator.next()
    if (next.done) return { rows, isEnd: true }
    rows.push(next.value)
  }
  return { rows, isEnd: false }
}

function hiddenNote(columns: readonly Column[], hidden: number): readonly string[] {
  if (hidden === 0) return []
  const names = columns.slice(columns.length - hidden).map(column => column.path)
  return [`not shown for want of room: ${names.join(', ')} (-o wide shows all)`]
}
