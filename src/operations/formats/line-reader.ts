// Reads documents that stand on a line each.
import { isUtf8 } from 'node:buffer'
import { EjsonReader } from './ejson-reader.ts'
import { type Entry, type EntryReader, LARGEST_DOCUMENT, LONGEST_LINE, type Position, tooLarge } from './entry.ts'
import { Unreadable } from './json-scanner.ts'

/** Reads one document of Extended JSON from each line; empty lines are passed over. */
export function lineReader(from: Position): EntryReader {
  const lines = new Lines(from)
  const read = (found: readonly Line[]) => found.flatMap(line => entryOf(line) ?? [])
  return { push: chunk => read(lines.push(chunk)), end: () => read(lines.end()) }
}

/** Reads the one document that is all of a text, or says what is wrong with it. */
export function documentFrom(text: Buffer): Pick<Entry, 'bytes' | 'problem'> {
  if (!isUtf8(text)) return { problem: 'it is not UTF-8' }
  try {
    const bytes = reader.read(text)
    return bytes.length > LARGEST_DOCUMENT ? { problem: tooLarge(bytes.length) } : { bytes }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { problem: `${error.message}, at byte ${error.at + 1}` }
  }
}

const reader = new EjsonReader()

interface Line {
  readonly line: number
  readonly end: number
  /** Missing where the line is too long to be held. */
  readonly text: Buffer | undefined
}

function entryOf({ line, end, text }: Line): Entry | undefined {
  if (!text) return { line, end, problem: `the line is longer than ${LONGEST_LINE / 1024 / 1024} MB` }
  if (isBlank(text)) return undefined
  return { line, end, source: text, ...documentFrom(text) }
}

function isBlank(text: Buffer): boolean {
  for (const byte of text) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) return false
  return true
}

/** Cuts bytes into lines. */
class Lines {
  #offset: number
  #line: number
  #pieces: Buffer[] = []
  #held = 0

  constructor({ offset, line }: Position) {
    this.#offset = offset
    this.#line = line
  }

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = []
    let start = 0
    for (let stop = chunk.indexOf(0x0a); stop !== -1; stop = chunk.indexOf(0x0a, start)) {
      this.#hold(chunk.subarray(start, stop + 1))
      lines.push(this.#take())
      start = stop + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
    return lines
  }

  end(): readonly Line[] {
    return this.#held === 0 ? [] : [this.#take()]
  }

  // A line without end must not fill the memory: only its length is kept then.
  #hold(piece: Buffer): void {
    this.#held += piece.length
    if (this.#held > LONGEST_LINE) this.#pieces = []
    else this.#pieces.push(piece)
  }

  #take(): Line {
    const [first, ...more] = this.#pieces
    const isWhole = this.#held <= LONGEST_LINE
    const text = isWhole && first ? (more.length === 0 ? first : Buffer.concat(this.#pieces)) : undefined
    const line = { line: this.#line, end: this.#offset + this.#held, text }
    this.#offset += this.#held
    this.#line += 1
    this.#pieces = []
    this.#held = 0
    return line
  }
}
