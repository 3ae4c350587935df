// Reads documents of a JSON list, or one after the other, over as many lines as they take.
import { type Entry, type EntryReader, LONGEST_LINE, type Position } from './entry.ts'
import { documentFrom } from './line-reader.ts'

/** Reads documents of Extended JSON wherever their braces are: in a list, one after the other, on many lines. */
export function jsonReader(from: Position): EntryReader {
  const reader = new Braces(from)
  return { push: chunk => reader.push(chunk), end: () => reader.end() }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, COMMA, LIST, END] = [0x22, 0x5c, 0x7b, 0x7d, 0x2c, 0x5b, 0x5d]

class Braces {
  #line: number
  #offset: number
  #depth = 0
  #isText = false
  #isEscaped = false
  #list: 'before' | 'inside' | 'none' | 'after'
  #pieces: Buffer[] = []
  #held = 0
  #beginning = 0
  #isBroken = false

  constructor({ offset, line, entries }: Position) {
    this.#offset = offset
    this.#line = line
    // Behind the first document, it can be told no more whether it stood in a list.
    this.#list = entries === 0 ? 'before' : 'inside'
  }

  push(chunk: Buffer): readonly Entry[] {
    const entries: Entry[] = []
    let start = 0
    for (let at = 0; at < chunk.length && !this.#isBroken; at++) {
      const byte = chunk[at]!
      if (byte === 0x0a) this.#line += 1
      if (this.#depth === 0) {
        if (byte === OPEN) {
          start = at
          this.#beginning = this.#line
          this.#depth = 1
          if (this.#list === 'before') this.#list = 'none'
        } else entries.push(...this.#between(byte, this.#offset + at + 1))
      } else if (this.#inside(byte)) {
        this.#hold(chunk.subarray(start, at + 1))
        entries.push(this.#take(this.#offset + at + 1))
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(start))
    this.#offset += chunk.length
    return entries
  }

  end(): readonly Entry[] {
    if (this.#isBroken) return []
    if (this.#depth > 0) return [this.#broken('the file ends inside of a document', this.#beginning)]
    return this.#list === 'inside' && this.#wasList
      ? [this.#broken('the file ends before its list does', this.#line)]
      : []
  }

  #wasList = false

  /** Takes a byte of a document, and tells whether it was the last. */
  #inside(byte: number): boolean {
    if (this.#isText) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) this.#isText = false
      return false
    }
    if (byte === QUOTE) this.#isText = true
    else if (byte === OPEN || byte === LIST) this.#depth += 1
    else if (byte === CLOSE || byte === END) this.#depth -= 1
    return this.#depth === 0
  }

  #between(byte: number, end: number): readonly Entry[] {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a) return []
    if (byte === LIST && this.#list === 'before') {
      this.#list = 'inside'
      this.#wasList = true
      return []
    }
    if (byte === COMMA && this.#list === 'inside') return []
    if (byte === END && this.#list === 'inside') {
      this.#list = 'after'
      return []
    }
    return [{ ...this.#broken(`expected a document, found "${String.fromCharCode(byte)}"`, this.#line), end }]
  }

  #broken(problem: string, line: number): Entry {
    this.#isBroken = true
    return { line, end: this.#offset, problem, isLast: true }
  }

  #hold(piece: Buffer): void {
    this.#held += piece.length
    if (this.#held > LONGEST_LINE) this.#pieces = []
    else this.#pieces.push(piece)
  }

  #take(end: number): Entry {
    const text = Buffer.concat(this.#pieces)
    const isWhole = this.#held <= LONGEST_LINE
    this.#pieces = []
    this.#held = 0
    const place = { line: this.#beginning, end }
    if (!isWhole) return { ...place, problem: `the document is longer than ${LONGEST_LINE / 1024 / 1024} MB` }
    return { ...place, source: text, ...documentFrom(text) }
  }
}
