// Tables with borders: cli-table3 for a screenful, an own writer for streams and letters it misjudges.
import Table from 'cli-table3'
import type { Cell } from './cell.ts'
import { type ColumnDemand, layoutOf } from './layout.ts'
import type { Style } from './style.ts'
import { padEnd, padStart, truncate, widthOf } from './width.ts'

/** The most rows that are laid out at once; more are streamed. */
export const screenful = 200

/** What a table shows and how wide it may be; no width means that nothing is cut. */
export interface TableFrame {
  readonly heads: readonly string[]
  readonly width: number | undefined
  readonly style: Style
}

/** Rows ready for drawing: those looked at for the widths, and how the rest is drawn. */
export interface TablePlan {
  readonly hidden: number
  readonly text: string
  /** Draws a later row with the widths decided. */
  line(row: readonly Cell[]): string
  readonly end: string
}

/** Lays out a table by its first rows. `text` is all but the closing line when `isOpen`, else the whole table. */
export function planTable(frame: TableFrame, rows: readonly (readonly Cell[])[], isOpen: 'open' | 'closed'): TablePlan {
  const { widths, hidden } = layoutOf(demandsOf(frame.heads, rows), frame.width ?? Number.POSITIVE_INFINITY)
  const line = (row: readonly Cell[]) => bodyLine(row, widths, frame.style)
  const end = border(widths, '└', '┴', '┘', frame.style)
  if (isOpen === 'closed' && !rows.some(isMisjudged)) return { hidden, text: drawn(frame, rows, widths), line, end: '' }
  const top = [
    border(widths, '┌', '┬', '┐', frame.style),
    headLine(frame, widths),
    border(widths, '├', '┼', '┤', frame.style),
  ]
  const text = [...top, ...rows.map(line)].join('\n')
  return isOpen === 'open' ? { hidden, text, line, end } : { hidden, text: `${text}\n${end}`, line, end: '' }
}

// cli-table3 counts these as if each took a cell, which would bend the borders.
const misjudged = /[\p{Mn}\p{Me}\p{Cf}\p{Regional_Indicator}\u{1fa70}-\u{1faff}\u{1f6d5}-\u{1f6ff}\u{1f900}-\u{1f9ff}]/u

function isMisjudged(row: readonly Cell[]): boolean {
  return row.some(cell => misjudged.test(cell.text))
}

function demandsOf(heads: readonly string[], rows: readonly (readonly Cell[])[]): readonly ColumnDemand[] {
  return heads.map((head, index) => {
    const widest = rows.reduce((most, row) => Math.max(most, widthOf(row[index]?.text ?? '')), 0)
    return { head: widthOf(head), widest, least: index === 0 ? widest : Math.min(12, Math.max(widthOf(head), 6)) }
  })
}

function drawn(frame: TableFrame, rows: readonly (readonly Cell[])[], widths: readonly number[]): string {
  const { style } = frame
  const table = new Table({
    style: { head: [], border: [], compact: true },
    chars: Object.fromEntries(Object.entries(lines).map(([name, text]) => [name, style.faint(text)])),
  })
  const heads = frame.heads.slice(0, widths.length)
  table.options.head = heads.map((head, index) =>
    style.heading(fitted({ text: head, align: 'left' }, widths[index] ?? 1)),
  )
  for (const row of rows) table.push(widths.map((width, index) => painted(row[index], width)))
  return table.toString()
}

const lines = {
  top: '─',
  'top-mid': '┬',
  'top-left': '┌',
  'top-right': '┐',
  bottom: '─',
  'bottom-mid': '┴',
  'bottom-left': '└',
  'bottom-right': '┘',
  left: '│',
  'left-mid': '├',
  mid: '─',
  'mid-mid': '┼',
  right: '│',
  'right-mid': '┤',
  middle: '│',
}

function headLine(frame: TableFrame, widths: readonly number[]): string {
  const { heads, style } = frame
  const cells = widths.map((width, index) => style.heading(fitted({ text: heads[index] ?? '', align: 'left' }, width)))
  return framed(cells, style)
}

function bodyLine(row: readonly Cell[], widths: readonly number[], style: Style): string {
  return framed(
    widths.map((width, index) => painted(row[index], width)),
    style,
  )
}

function framed(cells: readonly string[], style: Style): string {
  const bar = style.faint('│')
  return `${bar} ${cells.join(` ${bar} `)} ${bar}`
}

function painted(cell: Cell | undefined, width: number): string {
  return cell ? cell.paint(fitted(cell, width)) : ' '.repeat(width)
}

function fitted(cell: { readonly text: string; readonly align: 'left' | 'right' }, width: number): string {
  const text = truncate(cell.text, width)
  return cell.align === 'right' ? padStart(text, width) : padEnd(text, width)
}

function border(widths: readonly number[], left: string, middle: string, right: string, style: Style): string {
  return style.faint(left + widths.map(width => '─'.repeat(width + 2)).join(middle) + right)
}
