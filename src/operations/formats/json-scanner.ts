// Reads the words of JSON text from its bytes, and says at which column it stops being JSON.

/** Text that is not what it should be; `at` is the byte where that shows. */
export class Unreadable extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Walks over the bytes of JSON text. Strings are found first and taken as they are wanted. */
export class JsonScanner {
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  /** Where the string that was read last begins and ends, without its quotes. */
  start = 0
  stop = 0
  hasEscape = false

  /** Gives the next byte that is no white space, and stays there; -1 at the end. */
  peek(): number {
    const { bytes } = this
    let at = this.at
    let byte = bytes[at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at]
    this.at = at
    return byte ?? -1
  }

  /** Steps over one byte that must be there. */
  expect(byte: number, what: string): void {
    if (this.peek() !== byte) throw this.unexpected(what)
    this.at += 1
  }

  /** Reads a string: where it lies, and whether anything in it is escaped. */
  string(what: string): void {
    this.expect(QUOTE, what)
    const { bytes } = this
    const start = this.at
    let at = start
    this.hasEscape = false
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[at]) {
      if (byte === undefined) throw new Unreadable('a text has no end', start - 1)
      if (byte < 0x20) throw new Unreadable('a control character stands bare in a text', at)
      if (byte !== BACKSLASH) {
        at += 1
        continue
      }
      this.hasEscape = true
      at += 2
    }
    this.start = start
    this.stop = at
    this.at = at + 1
  }

  /** Gives the string that was read last. */
  text(): string {
    if (!this.hasEscape) return this.bytes.toString('utf8', this.start, this.stop)
    const text = unescaped(this.bytes.toString('utf8', this.start - 1, this.stop + 1), this.start)
    if (/\p{Cs}/u.test(text)) throw new Unreadable('a text holds half of a character', this.start)
    return text
  }

  /** Reads a word such as true. */
  word(word: string): void {
    const { bytes, at } = this
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) throw this.unexpected('a value')
    this.at = at + word.length
  }

  /** Reads a number, as text. */
  number(): string {
    const { bytes } = this
    const start = this.at
    let at = start
    while (isOfNumber(bytes[at])) at++
    const text = bytes.toString('latin1', start, at)
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text))
      throw new Unreadable(`"${text.slice(0, 30)}" is no number`, start)
    this.at = at
    return text
  }

  /** Makes the error for what stands here instead of what should. */
  unexpected(what: string): Unreadable {
    const byte = this.peek()
    const found = byte === -1 ? 'the end' : `"${this.bytes.toString('utf8', this.at, this.at + 4).slice(0, 1)}"`
    return new Unreadable(`expected ${what}, found ${found}`, this.at)
  }
}

function unescaped(quoted: string, at: number): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw new Unreadable('a text holds an escape that JSON does not know', at)
  }
}

function isOfNumber(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || (byte | 32) === 0x65
}
