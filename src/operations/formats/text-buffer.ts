// A buffer that JSON text is written into byte by byte, and taken out of in pieces.
import { ByteBuffer } from './byte-buffer.ts'

const QUOTE = 0x22

/** How each byte is escaped in a JSON string: 0 for not at all, 1 as \u00xx, else the letter after the backslash. */
const escapes = new Uint8Array(256).fill(1, 0, 0x20)
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
] as const)
  escapes[byte] = letter.charCodeAt(0)

const hex = '0123456789abcdef'
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const hexDigits = Uint8Array.from(hex, digit => digit.charCodeAt(0))
const base64Digits = Uint8Array.from(base64, digit => digit.charCodeAt(0))

/** Grows as it is written to; `take` gives what is there and begins anew. */
export class TextBuffer extends ByteBuffer {
  constructor() {
    super(1 << 17)
  }

  /** Writes text that holds nothing but ASCII, as it is. */
  ascii(text: string): void {
    this.room(text.length)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  /** Writes text of any letters, as it is. */
  text(text: string): void {
    this.room(text.length * 3)
    this.length += this.bytes.write(text, this.length, 'utf8')
  }

  /** Writes bytes of UTF-8 as a JSON string. */
  quoted(source: Uint8Array, start: number, end: number): void {
    this.room(end - start + 2)
    let { bytes } = this
    let at = this.length
    bytes[at++] = QUOTE
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      if (escapes[byte] === 0) {
        bytes[at++] = byte
        continue
      }
      this.length = at
      this.room(end - i + 7)
      bytes = this.bytes
      at = escaped(bytes, at, byte)
    }
    bytes[at++] = QUOTE
    this.length = at
  }

  /** Writes bytes as hexadecimal digits. */
  hex(source: Uint8Array, start: number, end: number): void {
    this.room((end - start) * 2)
    const { bytes } = this
    let at = this.length
    for (let i = start; i < end; i++) {
      bytes[at++] = hexDigits[source[i]! >> 4]!
      bytes[at++] = hexDigits[source[i]! & 15]!
    }
    this.length = at
  }

  /** Writes bytes as base64. */
  base64(source: Uint8Array, start: number, end: number): void {
    this.room(Math.ceil((end - start) / 3) * 4)
    const { bytes } = this
    let at = this.length
    for (let i = start; i < end; i += 3) {
      const group = (source[i]! << 16) | ((i + 1 < end ? source[i + 1]! : 0) << 8) | (i + 2 < end ? source[i + 2]! : 0)
      bytes[at++] = base64Digits[group >> 18]!
      bytes[at++] = base64Digits[(group >> 12) & 63]!
      bytes[at++] = i + 1 < end ? base64Digits[(group >> 6) & 63]! : 0x3d
      bytes[at++] = i + 2 < end ? base64Digits[group & 63]! : 0x3d
    }
    this.length = at
  }
}

function escaped(bytes: Buffer, at: number, byte: number): number {
  const letter = escapes[byte]!
  bytes[at] = 0x5c
  if (letter !== 1) {
    bytes[at + 1] = letter
    return at + 2
  }
  bytes.latin1Write(`u00${hex[byte >> 4]}${hex[byte & 15]}`, at + 1)
  return at + 6
}
