// Checks that bytes from outside are well-formed BSON before anything reads them.
import { isUtf8 } from 'node:buffer'
import { CommandError } from '../errors.ts'
import { FIXED_LENGTHS } from './walk.ts'

const MAX_NESTING = 100
/** A call of native code costs as much as looking at so many bytes here. */
const SHORT_TEXT = 128

/** Throws InvalidBSON unless the bytes from `start` are one well-formed document that ends at `end`. */
export function validateDocument(
  bytes: Uint8Array,
  start = 0,
  options: { readonly end?: number; readonly depth?: number } = {},
): void {
  const end = options.end ?? bytes.length
  if (end - start < 5) throw invalid('a document takes at least 5 bytes')
  const walk = new Walk(bytes)
  if (walk.int32(start) !== end - start) throw invalid('the length of the document is wrong')
  walk.document({ start, end, depth: options.depth ?? 1 })
}

interface Range {
  readonly start: number
  readonly end: number
  readonly depth: number
}

function invalid(reason: string): CommandError {
  return new CommandError('InvalidBSON', `Invalid BSON: ${reason}`)
}

/** Every step is given the end of the document around it, so that no length can reach outside. */
class Walk {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  int32(at: number): number {
    const bytes = this.bytes
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  document({ start, end, depth }: Range): void {
    if (depth > MAX_NESTING + 1)
      throw new CommandError('Overflow', `Document exceeds maximum nested object depth: ${MAX_NESTING}`)
    if (this.bytes[end - 1] !== 0) throw invalid('a document does not end with 0')
    let at = start + 4
    while (at < end - 1) {
      const type = this.bytes[at]!
      at = this.value(type, { start: this.name(at + 1, end - 1), end: end - 1, depth })
    }
    if (at !== end - 1) throw invalid('an element reaches beyond its document')
  }

  name(start: number, end: number): number {
    let high = 0
    for (let at = start; at < end; at++) {
      const code = this.bytes[at]!
      if (code === 0) {
        if (high > 127) this.utf8(start, at)
        return at + 1
      }
      high |= code
    }
    throw invalid('a name does not end')
  }

  value(type: number, range: Range): number {
    if (type === 2 || type === 13 || type === 14) return this.string(range.start, range.end)
    if (type === 3 || type === 4) return this.nested(range)
    if (type === 5) return this.binary(range)
    if (type === 8) return this.boolean(range)
    if (type === 11) return this.name(this.name(range.start, range.end), range.end)
    if (type === 12) return this.fixed(this.string(range.start, range.end), 12, range.end)
    if (type === 15) return this.scopedCode(range)
    const length = FIXED_LENGTHS[type]
    if (length === undefined) throw invalid(`no type ${type}`)
    return this.fixed(range.start, length, range.end)
  }

  fixed(start: number, length: number, end: number): number {
    if (start + length > end) throw invalid('a value reaches beyond its document')
    return start + length
  }

  length(start: number, end: number): number {
    this.fixed(start, 4, end)
    const length = this.int32(start)
    if (length < 0) throw invalid('a length is negative')
    return length
  }

  string(start: number, end: number): number {
    const length = this.length(start, end)
    const after = this.fixed(start + 4, length, end)
    if (length < 1 || this.bytes[after - 1] !== 0) throw invalid('a string does not end with 0')
    this.utf8(start + 4, after - 1)
    return after
  }

  utf8(start: number, end: number): void {
    if (end - start <= SHORT_TEXT && this.isAscii(start, end)) return
    if (!isUtf8(this.bytes.subarray(start, end))) throw invalid('text is not valid UTF-8')
  }

  isAscii(start: number, end: number): boolean {
    let high = 0
    for (let at = start; at < end; at++) high |= this.bytes[at]!
    return high < 128
  }

  nested(range: Range): number {
    const length = this.length(range.start, range.end)
    if (length < 5) throw invalid('a document takes at least 5 bytes')
    const after = this.fixed(range.start, length, range.end)
    this.document({ start: range.start, end: after, depth: range.depth + 1 })
    return after
  }

  binary(range: Range): number {
    const length = this.length(range.start, range.end)
    return this.fixed(range.start + 5, length, range.end)
  }

  boolean(range: Range): number {
    if (range.start < range.end && this.bytes[range.start]! > 1) throw invalid('a boolean is neither 0 nor 1')
    return this.fixed(range.start, 1, range.end)
  }

  scopedCode(range: Range): number {
    const length = this.length(range.start, range.end)
    const after = this.fixed(range.start, length, range.end)
    const scope = this.string(range.start + 4, after)
    if (this.nested({ start: scope, end: after, depth: range.depth }) !== after) throw invalid('a scope is too short')
    return after
  }
}
