// Decodes BSON into values that keep their types: documents are Maps, int32 is Int32, int64 is bigint.
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  type Document as Plain,
  Timestamp,
} from 'mongodb'

export type Document = Map<string, Value>

export type Value =
  | number
  | Int32
  | bigint
  | Decimal128
  | string
  | boolean
  | null
  | Value[]
  | Document
  | Date
  | ObjectId
  | Binary
  | BSONRegExp
  | Timestamp
  | Code
  | BSONSymbol
  | DbPointer
  | MinKey
  | MaxKey
  | Undefined

/** The deprecated BSON type `undefined`; a missing field is JavaScript's `undefined`. */
class Undefined {
  readonly kind = 'undefined'
}

/** The deprecated BSON type of a namespace with an ObjectId. */
export class DbPointer {
  readonly namespace: string
  readonly id: Buffer

  constructor(namespace: string, id: Buffer) {
    this.namespace = namespace
    this.id = id
  }
}

/** A date outside of what JavaScript's Date can hold: the milliseconds are kept beside an invalid time. */
export class WideDate extends Date {
  readonly milliseconds: bigint

  constructor(milliseconds: bigint) {
    super(Number.NaN)
    this.milliseconds = milliseconds
  }
}

export const UNDEFINED = new Undefined()

const SMALLEST_SHARED = -128
const SHARED = Array.from({ length: 1152 }, (_, offset) => new Int32(offset + SMALLEST_SHARED))

/** Gives the Int32 of a number; small ones are shared. */
export function int32(value: number): Int32 {
  return SHARED[value - SMALLEST_SHARED] ?? new Int32(value)
}

/** Decodes the document that begins at `start`. */
export function decodeDocument(bytes: Uint8Array, start = 0): Document {
  return readerOf(bytes, start).document()
}

/** Decodes the value of a BSON type that begins at `start`. */
export function decodeValue(bytes: Uint8Array, type: number, start: number): Value {
  return readerOf(bytes, start).value(type)
}

const scratch = new Uint8Array(8)
const scratchDouble = new Float64Array(scratch.buffer)
const scratchLong = new BigInt64Array(scratch.buffer)

/** Field names repeat in every document: the strings of short ASCII names are kept by a hash of their bytes. */
const names: (string | undefined)[] = new Array(4096)
const LONGEST_KEPT_NAME = 40

type NativeSlices = { utf8Slice(start: number, end: number): string }

function readerOf(bytes: Uint8Array, start: number): Reader {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return new Reader(buffer, start)
}

class Reader {
  readonly bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes
    this.at = at
  }

  byte(): number {
    return this.bytes[this.at++]!
  }

  document(): Document {
    this.at += 4
    const document: Document = new Map()
    for (let type = this.byte(); type !== 0; type = this.byte()) {
      const name = this.name()
      document.set(name, this.value(type))
    }
    return document
  }

  array(): Value[] {
    this.at += 4
    const array: Value[] = []
    for (let type = this.byte(); type !== 0; type = this.byte()) {
      while (this.bytes[this.at++] !== 0);
      array.push(this.value(type))
    }
    return array
  }

  name(): string {
    const bytes = this.bytes
    const start = this.at
    let end = start
    let hash = 0
    let high = 0
    for (let code = bytes[end]!; code !== 0; code = bytes[++end]!) {
      hash = (Math.imul(hash, 31) + code) | 0
      high |= code
    }
    this.at = end + 1
    if (high > 127 || end - start > LONGEST_KEPT_NAME) return text(bytes, start, end)
    const slot = (hash ^ (hash >>> 12)) & 4095
    const kept = names[slot]
    if (kept !== undefined && isSame(kept, bytes, start, end)) return kept
    const name = text(bytes, start, end)
    names[slot] = name
    return name
  }

  value(type: number): Value {
    switch (type) {
      case 2:
        return this.string()
      case 16:
        return int32(this.int())
      case 1:
        this.fill()
        return scratchDouble[0]!
      case 3:
        return this.document()
      case 4:
        return this.array()
      case 7:
        return new ObjectId(this.copy(12))
      case 8:
        return this.byte() !== 0
      case 9:
        return this.date()
      case 10:
        return null
      case 18:
        return this.long()
      default:
        return this.rareValue(type)
    }
  }

  rareValue(type: number): Value {
    if (type === 5) return this.binary()
    if (type === 6) return UNDEFINED
    if (type === 11) return this.regex()
    if (type === 12) return new DbPointer(this.string(), this.copy(12))
    if (type === 13) return new Code(this.string())
    if (type === 14) return new BSONSymbol(this.string())
    if (type === 15) return this.scopedCode()
    if (type === 17) return new Timestamp({ i: this.int() >>> 0, t: this.int() >>> 0 })
    if (type === 19) return new Decimal128(this.copy(16))
    if (type === 127) return new MaxKey()
    if (type === 255) return new MinKey()
    throw new TypeError(`no BSON type ${type}`)
  }

  int(): number {
    const bytes = this.bytes
    const at = this.at
    this.at = at + 4
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  fill(): void {
    const bytes = this.bytes
    const at = this.at
    for (let offset = 0; offset < 8; offset++) scratch[offset] = bytes[at + offset]!
    this.at = at + 8
  }

  long(): bigint {
    this.fill()
    return scratchLong[0]!
  }

  date(): Date {
    const low = this.int() >>> 0
    const date = new Date(this.int() * 4294967296 + low)
    if (!Number.isNaN(date.getTime())) return date
    this.at -= 8
    return new WideDate(this.long())
  }

  string(): string {
    const length = this.int()
    const start = this.at
    this.at = start + length
    return text(this.bytes, start, this.at - 1)
  }

  copy(length: number): Buffer {
    const copy = Buffer.allocUnsafe(length)
    this.bytes.copy(copy, 0, this.at, this.at + length)
    this.at += length
    return copy
  }

  binary(): Binary {
    const length = this.int()
    const subtype = this.byte()
    return new Binary(this.copy(length), subtype)
  }

  /** The options are set afterwards, as stored: the class itself would sort or refuse them. */
  regex(): BSONRegExp {
    const regex = new BSONRegExp(this.cstring(), '')
    regex.options = this.cstring()
    return regex
  }

  cstring(): string {
    const end = this.bytes.indexOf(0, this.at)
    const string = text(this.bytes, this.at, end)
    this.at = end + 1
    return string
  }

  /** The scope stays a Map, like every document here. */
  scopedCode(): Code {
    this.at += 4
    const source = this.string()
    return new Code(source, this.document() as unknown as Plain)
  }
}

function isSame(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let index = 0; index < name.length; index++) if (name.charCodeAt(index) !== bytes[start + index]) return false
  return true
}

const LONGEST_BUILT_TEXT = 10

/** Builds very short ASCII text here: a native call costs more than a few characters. */
function text(bytes: Buffer, start: number, end: number): string {
  if (end - start > LONGEST_BUILT_TEXT) return (bytes as unknown as NativeSlices).utf8Slice(start, end)
  let built = ''
  for (let at = start; at < end; at++) {
    const code = bytes[at]!
    if (code > 127) return (bytes as unknown as NativeSlices).utf8Slice(start, end)
    built += String.fromCharCode(code)
  }
  return built
}
