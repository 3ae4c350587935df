// Encodes values as bytes that sort as BSON values compare, for the keys of indexes.
import { createHash } from 'node:crypto'
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Int32,
  type MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb'
import { DbPointer, UNDEFINED, type Value, WideDate } from '../bson/decode.ts'
import type { Collation } from '../values/collation.ts'
import { LONGEST_NUMBER, writeNumber } from './numbers.ts'

export type Direction = 1 | -1

/** The first byte of an encoded value, by type, in the order of comparison; 0 ends a document or an array. */
export const TAGS = {
  minKey: 0x08,
  undefined: 0x10,
  null: 0x18,
  number: 0x20,
  string: 0x28,
  document: 0x30,
  array: 0x38,
  binary: 0x40,
  objectId: 0x48,
  bool: 0x50,
  date: 0x58,
  timestamp: 0x60,
  regex: 0x68,
  dbPointer: 0x70,
  code: 0x78,
  codeWithScope: 0x80,
  maxKey: 0xf0,
} as const

/** Longer keys are cut here and end with a hash of the whole: LMDB takes keys of at most 1,978 bytes. */
export const LONGEST_KEY = 1900

/** Encodes the values of an index entry. The bytes sort as the values compare, field by field, each in its direction. */
export function encodeKey(
  values: readonly (Value | undefined)[],
  directions: readonly Direction[],
  collation?: Collation,
): Buffer {
  at = 0
  for (let i = 0; i < values.length; i++) {
    const start = at
    writeValue(values[i], collation)
    if (directions[i] === -1) invert(start)
  }
  return at <= LONGEST_KEY ? taken() : cut()
}

/** Tells whether a key was cut: it then says that values are equal or not, but no longer which comes first. */
export function isCut(key: Buffer): boolean {
  return key.length > LONGEST_KEY
}

/** Encodes one value in ascending order, whatever its length. */
export function encodeValue(value: Value | undefined, collation?: Collation): Buffer {
  at = 0
  writeValue(value, collation)
  return taken()
}

let buffer = Buffer.allocUnsafe(4096)
let at = 0

function taken(): Buffer {
  const key = Buffer.allocUnsafe(at)
  buffer.copy(key, 0, 0, at)
  return key
}

function cut(): Buffer {
  const hash = createHash('sha256').update(buffer.subarray(0, at)).digest()
  return Buffer.concat([buffer.subarray(0, LONGEST_KEY), hash])
}

function invert(start: number): void {
  for (let i = start; i < at; i++) buffer[i] = ~buffer[i]!
}

function reserve(size: number): void {
  if (at + size <= buffer.length) return
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + size))
  buffer.copy(larger, 0, 0, at)
  buffer = larger
}

function writeValue(value: Value | undefined, collation: Collation | undefined): void {
  reserve(LONGEST_NUMBER)
  if (value === undefined || value === UNDEFINED) tag(TAGS.undefined)
  else if (value === null) tag(TAGS.null)
  else if (typeof value === 'string') writeString(TAGS.string, collation === undefined ? value : collation.key(value))
  else if (typeof value === 'boolean') {
    tag(TAGS.bool)
    tag(value ? 1 : 0)
  } else if (typeof value === 'object') writeObject(value as Exclude<Value, null | string | boolean>, collation)
  else numberAt(value)
}

function writeObject(value: Exclude<Value, null | string | boolean>, collation: Collation | undefined): void {
  if (value instanceof Int32 || value instanceof Decimal128) numberAt(value)
  else if (value instanceof Map) writeDocument(value, collation)
  else if (Array.isArray(value)) writeArray(value, collation)
  else if (value instanceof ObjectId) writeBytes(TAGS.objectId, value.id)
  else if (value instanceof Date) writeDate(value)
  else writeRare(value as Rare, collation)
}

type Rare = Binary | Timestamp | BSONRegExp | BSONSymbol | Code | DbPointer | MinKey | MaxKey

function writeRare(value: Rare, collation: Collation | undefined): void {
  if (value instanceof Binary) writeBinary(value)
  else if (value instanceof Timestamp) writeTimestamp(value)
  else if (value instanceof BSONRegExp) {
    writeString(TAGS.regex, value.pattern)
    terminated(value.options)
  } else if (value instanceof BSONSymbol)
    writeString(TAGS.string, collation === undefined ? value.value : collation.key(value.value))
  else if (value instanceof Code) writeCode(value, collation)
  else if (value instanceof DbPointer) writePointer(value)
  else tag(value instanceof MinKey ? TAGS.minKey : TAGS.maxKey)
}

function tag(byte: number): void {
  buffer[at++] = byte
}

function numberAt(value: number | Int32 | bigint | Decimal128): void {
  tag(TAGS.number)
  at = writeNumber(buffer, at, value)
}

function writeString(type: number, text: string): void {
  tag(type)
  terminated(text)
}

/** Ends a text with 0; the bytes 0 and 1 inside it take an escape, so a text sorts before its continuations. */
function terminated(text: string): void {
  const special = text.includes('\0') || text.includes('\x01')
  const escaped = special ? text.replaceAll('\x01', '\x01\x02').replaceAll('\0', '\x01\x01') : text
  reserve(escaped.length * 3 + LONGEST_NUMBER)
  at += buffer.write(escaped, at, 'utf8')
  tag(0)
}

function writeDocument(fields: ReadonlyMap<string, Value>, collation: Collation | undefined): void {
  tag(TAGS.document)
  writeFields(fields, collation)
}

/** Fields compare by type, then by name, then by value: the name follows the tag of the value. */
function writeFields(fields: ReadonlyMap<string, Value>, collation: Collation | undefined): void {
  for (const [name, value] of fields) {
    reserve(name.length * 3 + LONGEST_NUMBER)
    const start = at++
    at += buffer.write(name, at, 'utf8')
    tag(0)
    const inner = at
    writeValue(value, collation)
    buffer[start] = buffer[inner]!
    buffer.copyWithin(inner, inner + 1, at--)
  }
  reserve(LONGEST_NUMBER)
  tag(0)
}

function writeArray(items: readonly Value[], collation: Collation | undefined): void {
  tag(TAGS.array)
  for (const item of items) writeValue(item, collation)
  reserve(LONGEST_NUMBER)
  tag(0)
}

function writeBytes(type: number, bytes: Uint8Array): void {
  reserve(bytes.length + LONGEST_NUMBER)
  tag(type)
  buffer.set(bytes, at)
  at += bytes.length
}

/** Dates compare as signed numbers of milliseconds. */
function writeDate(value: Date): void {
  const milliseconds = value instanceof WideDate ? value.milliseconds : BigInt(value.getTime())
  tag(TAGS.date)
  at = buffer.writeBigUInt64BE(BigInt.asUintN(64, milliseconds) ^ 0x8000000000000000n, at)
}

/** Binary data compares by length, then subtype, then bytes. */
function writeBinary(value: Binary): void {
  const bytes = value.value()
  reserve(bytes.length + LONGEST_NUMBER)
  tag(TAGS.binary)
  at = buffer.writeUInt32BE(bytes.length, at)
  tag(value.sub_type)
  buffer.set(bytes, at)
  at += bytes.length
}

function writeTimestamp(value: Timestamp): void {
  tag(TAGS.timestamp)
  at = buffer.writeUInt32BE(value.getHighBitsUnsigned(), at)
  at = buffer.writeUInt32BE(value.getLowBitsUnsigned(), at)
}

function writeCode(value: Code, collation: Collation | undefined): void {
  const scope = value.scope as unknown
  writeString(scope instanceof Map ? TAGS.codeWithScope : TAGS.code, value.code)
  if (scope instanceof Map) writeFields(scope, collation)
}

function writePointer(value: DbPointer): void {
  reserve(value.namespace.length * 3 + LONGEST_NUMBER)
  tag(TAGS.dbPointer)
  at = buffer.writeUInt32BE(Buffer.byteLength(value.namespace), at)
  terminated(value.namespace)
  reserve(LONGEST_NUMBER)
  at += value.id.copy(buffer, at)
}
