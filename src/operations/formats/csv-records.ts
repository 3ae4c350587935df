// Cuts CSV into records and cells: quotes may hold line ends, and a record that is no CSV does not end the file.
import { isUtf8 } from 'node:buffer'
import type { Cell } from './csv-cell.ts'
import { LONGEST_LINE, type Position } from './entry.ts'

/** A record of CSV: its cells, or what is wrong with it. */
export interface CsvRecord {
  /** The line it begins at. */
  readonly line: number
  /** Where the next one begins. */
  readonly end: number
  /** The record as it stands in the file; missing where it is too long to be held. */
  readonly text?: Buffer
  readonly cells?: readonly Cell[]
  readonly problem?: string
  /** Whether nothing after it can be read. */
  readonly isLast?: boolean
}

const QUOTE = 0x22
const COMMA = 0x2c
const NEWLINE = 0x0a
const RETURN = 0x0d
const MARK = Buffer.from('\ufeff')

/** Cuts the bytes of a file into records; empty lines are passed over. */
export class CsvRecords {
  #offset: number
  #line: number
  #lines = 0
  #pieces: Buffer[] = []
  #held = 0
  #state: 'start' | 'bare' | 'quoted' | 'closed' = 'start'
  #quoteLine = 0

  constructor({ offset, line }: Pick<Position, 'offset' | 'line'>) {
    this.#offset = offset
    this.#line = line
  }

  /** Takes bytes, and gives the records that end in them. */
  push(chunk: Buffer): readonly CsvRecord[] {
    const records: CsvRecord[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#step(chunk[at]!)) continue
      this.#hold(chunk.subarray(start, at + 1))
      start = at + 1
      const record = this.#take()
      if (record) records.push(record)
    }
    this.#hold(chunk.subarray(start))
    return records
  }

  /** Gives what is left when there are no more bytes. */
  end(): readonly CsvRecord[] {
    if (this.#state === 'quoted') return [this.#unclosed()]
    const record = this.#held === 0 ? undefined : this.#take()
    return record ? [record] : []
  }

  // Tells whether the byte ends a record.
  #step(byte: number): boolean {
    if (byte === NEWLINE) {
      this.#lines += 1
      return this.#state !== 'quoted'
    }
    if (this.#offset === 0 && this.#state === 'start' && MARK.includes(byte)) return false
    if (this.#state === 'quoted') {
      if (byte === QUOTE) this.#state = 'closed'
    } else if (byte === COMMA) this.#state = 'start'
    else if (byte === QUOTE && this.#state !== 'bare') {
      if (this.#state === 'start') this.#quoteLine = this.#line + this.#lines
      this.#state = 'quoted'
    } else if (byte !== RETURN || this.#state !== 'closed') this.#state = 'bare'
    return false
  }

  // A quote that is never closed must not fill the memory: only the length of the record is kept then.
  #hold(piece: Buffer): void {
    this.#held += piece.length
    if (this.#held > LONGEST_LINE) this.#pieces = []
    else if (piece.length > 0) this.#pieces.push(piece)
  }

  #take(): CsvRecord | undefined {
    const [first, ...more] = this.#pieces
    const text =
      this.#held > LONGEST_LINE || !first ? undefined : more.length === 0 ? first : Buffer.concat([first, ...more])
    const place = { line: this.#line, end: this.#offset + this.#held }
    this.#offset = place.end
    this.#line += this.#lines
    this.#lines = 0
    this.#pieces = []
    this.#held = 0
    this.#state = 'start'
    if (!text) return { ...place, problem: `the line is longer than ${LONGEST_LINE / 1024 / 1024} MB` }
    return isEmpty(text) ? undefined : { ...place, text, ...cellsOf(text) }
  }

  #unclosed(): CsvRecord {
    const problem = 'a quote is opened here and never closed'
    return { line: this.#quoteLine, end: this.#offset + this.#held, problem, isLast: true }
  }
}

function isEmpty(text: Buffer): boolean {
  return text[0] === NEWLINE || (text[0] === RETURN && (text.length === 1 || text[1] === NEWLINE))
}

function cellsOf(record: Buffer): Pick<CsvRecord, 'cells' | 'problem'> {
  if (!isUtf8(record)) return { problem: 'it is not UTF-8' }
  const text = record.toString('utf8').replace(/^\ufeff|\r?\n$/g, '')
  const cells: Cell[] = []
  for (let at = 0; at <= text.length; ) {
    const isQuoted = text[at] === '"'
    const end = isQuoted ? endOfQuoted(text, at) : endOfBare(text, at)
    const bare = text.slice(at, end)
    if (text[end] !== undefined && text[end] !== ',')
      return {
        problem: `cell ${cells.length + 1} goes on behind the quote that closes it; a quote in it is written ""`,
      }
    if (!isQuoted && bare.includes('"'))
      return { problem: `cell ${cells.length + 1} holds a quote; write it as ""…"" in quotes` }
    cells.push(isQuoted ? { text: bare.slice(1, -1).replaceAll('""', '"'), isQuoted } : { text: bare, isQuoted })
    at = end + 1
  }
  return { cells }
}

function endOfBare(text: string, at: number): number {
  const comma = text.indexOf(',', at)
  return comma === -1 ? text.length : comma
}

function endOfQuoted(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end + 1
}
