// Encodes values into BSON.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { DbPointer, type Document, UNDEFINED, type Value, WideDate } from './decode.ts'

/** Encodes a document into a buffer of its own. */
export function encodeDocument(document: Document): Buffer {
  at = 0
  writeDocument(document)
  const encoded = Buffer.allocUnsafe(at)
  room.copy(encoded, 0, 0, at)
  if (room.length > KEPT_ROOM) room = Buffer.allocUnsafeSlow(KEPT_ROOM)
  return encoded
}

/** Gives the BSON type byte of a value and its encoded bytes without a name. */
export function encodeValue(value: Value): { type: number; bytes: Buffer } {
  at = 0
  const type = writeValue(value)
  return { type, bytes: Buffer.from(room.subarray(0, at)) }
}

const KEPT_ROOM = 1 << 20

/** One growing buffer serves all calls: encoding is synchronous and never re-entered. */
let room = Buffer.allocUnsafeSlow(1 << 16)
let at = 0

const scratch = new Uint8Array(8)
const scratchDouble = new Float64Array(scratch.buffer)
const scratchLong = new BigInt64Array(scratch.buffer)

interface NativeWrites {
  utf8Write(text: string, at: number): number
}

function reserve(length: number): void {
  if (at + length <= room.length) return
  const grown = Buffer.allocUnsafeSlow(Math.max(room.length * 2, at + length))
  room.copy(grown, 0, 0, at)
  room = grown
}

function writeDocument(document: Document): void {
  const start = at
  reserve(5)
  at += 4
  for (const [name, value] of document) writeElement(name, value)
  closeDocument(start)
}

function writeArray(array: readonly Value[]): void {
  const start = at
  reserve(5)
  at += 4
  for (let index = 0; index < array.length; index++) writeElement(String(index), array[index]!)
  closeDocument(start)
}

function closeDocument(start: number): void {
  reserve(1)
  room[at++] = 0
  writeIntAt(start, at - start)
}

function writeElement(name: string, value: Value): void {
  const start = at
  reserve(1)
  at++
  writeCString(name)
  const type = writeValue(value)
  room[start] = type
}

/** Writes a value and gives its BSON type. */
function writeValue(value: Value): number {
  if (typeof value === 'string') return writeString(value, 2)
  if (value instanceof Int32) return writeInt(value.value, 16)
  if (typeof value === 'number') return writeDouble(value)
  if (typeof value === 'boolean') return writeByte(value ? 1 : 0, 8)
  if (value === null) return 10
  if (typeof value === 'bigint') return writeLong(value, 18)
  if (value instanceof Map) {
    writeDocument(value)
    return 3
  }
  if (Array.isArray(value)) {
    writeArray(value)
    return 4
  }
  if (value instanceof ObjectId) return writeBytes(value.id, 7)
  if (value instanceof Date) return writeLong(millisecondsOf(value), 9)
  return writeRareValue(value)
}

function writeRareValue(value: Value): number {
  if (value instanceof Binary) return writeBinary(value)
  if (value instanceof Decimal128) return writeBytes(value.bytes, 19)
  if (value instanceof BSONRegExp) return writeRegex(value)
  if (value instanceof Timestamp) return writeTimestamp(value)
  if (value instanceof Code) return writeCode(value)
  if (value instanceof BSONSymbol) return writeString(value.value, 14)
  if (value instanceof DbPointer) return writePointer(value)
  if (value instanceof MinKey) return 255
  if (value instanceof MaxKey) return 127
  if (value === UNDEFINED) return 6
  throw new TypeError(`no BSON value: ${String(value)}`)
}

function millisecondsOf(date: Date): bigint {
  return date instanceof WideDate ? date.milliseconds : BigInt(date.getTime())
}

const LONGEST_COPIED_TEXT = 24

function writeText(text: string): void {
  const length = text.length
  reserve(length * 3 + 1)
  if (length > LONGEST_COPIED_TEXT || !writeAscii(text)) {
    at += (room as unknown as NativeWrites).utf8Write(text, at)
  }
}

function writeAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return false
    room[at + index] = code
  }
  at += text.length
  return true
}

function writeCString(text: string): void {
  writeText(text)
  room[at++] = 0
}

function writeString(text: string, type: number): number {
  reserve(5)
  const start = at
  at += 4
  writeText(text)
  room[at++] = 0
  writeIntAt(start, at - start - 4)
  return type
}

function writeIntAt(position: number, value: number): void {
  room[position] = value
  room[position + 1] = value >>> 8
  room[position + 2] = value >>> 16
  room[position + 3] = value >>> 24
}

function writeInt(value: number, type: number): number {
  reserve(4)
  writeIntAt(at, value)
  at += 4
  return type
}

function writeByte(value: number, type: number): number {
  reserve(1)
  room[at++] = value
  return type
}

function writeDouble(value: number): number {
  scratchDouble[0] = value
  return writeScratch(1)
}

function writeLong(value: bigint, type: number): number {
  scratchLong[0] = value
  return writeScratch(type)
}

function writeScratch(type: number): number {
  reserve(8)
  for (let offset = 0; offset < 8; offset++) room[at + offset] = scratch[offset]!
  at += 8
  return type
}

function writeBytes(bytes: Uint8Array, type: number): number {
  reserve(bytes.length)
  room.set(bytes, at)
  at += bytes.length
  return type
}

function writeBinary(binary: Binary): number {
  const bytes = binary.buffer.subarray(0, binary.position)
  writeInt(bytes.length, 5)
  writeByte(binary.sub_type, 5)
  return writeBytes(bytes, 5)
}

function writeRegex(regex: BSONRegExp): number {
  writeCString(regex.pattern)
  writeCString(regex.options)
  return 11
}

function writeTimestamp(timestamp: Timestamp): number {
  writeInt(timestamp.low, 17)
  return writeInt(timestamp.high, 17)
}

function writeCode(code: Code): number {
  if (code.scope === null) return writeString(code.code, 13)
  const start = at
  writeInt(0, 15)
  writeString(code.code, 2)
  writeDocument(code.scope as unknown as Document)
  writeIntAt(start, at - start)
  return 15
}

function writePointer(pointer: DbPointer): number {
  writeString(pointer.namespace, 2)
  return writeBytes(pointer.id, 12)
}
