// Rows as CSV after RFC 4180: a header line, quotes where they are needed.
import { escapeLines } from './escape.ts'
import { jsonText, jsonValue } from './json.ts'

/** Leaves data for files and pipes as it is; on a terminal it must not be able to steer it. */
export function harmless(csv: string, { isTerminal }: { readonly isTerminal?: boolean }): string {
  return isTerminal ? escapeLines(csv) : csv
}

/** Writes one line of CSV. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(quoted).join(',')
}

/** Writes one value as the text of a CSV cell; objects and arrays become JSON. */
export function csvCell(value: unknown): string {
  const plain = jsonValue(value)
  if (plain === undefined || plain === null) return ''
  return typeof plain === 'object' ? jsonText(plain) : String(plain)
}

/** Writes a small result: a line for each item of a list, the fields of an object below their names. */
export function csvText(data: unknown): string {
  if (Array.isArray(data)) return data.map(item => `${csvLine([csvCell(item)])}\n`).join('')
  const plain = jsonValue(data)
  if (typeof plain !== 'object' || plain === null) return `${csvLine([csvCell(data)])}\n`
  return `${csvLine(Object.keys(plain))}\n${csvLine(Object.values(plain).map(csvCell))}\n`
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
