// Rows as CSV after RFC 4180: a header line, quotes where they are needed.
import { jsonText, jsonValue } from './json.ts'

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

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
