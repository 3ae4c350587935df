// One cell of CSV as a stored value, and back: a text that its column reads as the same value of the same type.
import { Decimal128 } from 'mongodb'
import { BsonBuffer } from './bson-buffer.ts'
import type { CellType, CsvColumn } from './csv-column.ts'
import { EjsonReader } from './ejson-reader.ts'
import { valueAt, writeEjsonValue } from './ejson-writer.ts'
import { timeOf } from './extended-types.ts'
import { Unreadable } from './json-scanner.ts'
import { TextBuffer } from './text-buffer.ts'

/** A cell as it stands in a file. */
export interface Cell {
  readonly text: string
  /** Whether it is in quotes: what looks like a number or null then is text. */
  readonly isQuoted: boolean
}

/** A stored value by itself: its type, and the bytes after its name. */
export interface StoredValue {
  readonly type: number
  readonly bytes: Buffer
}

/** Reads a cell; undefined where there is nothing in it. Throws `Unreadable` for what its column does not take. */
export function storedOf({ text, isQuoted }: Cell, { type, isNullable }: CsvColumn): StoredValue | undefined {
  if (text === '' && (!isQuoted || !isTextual(type))) return undefined
  if (text === 'null' && !isQuoted && isNullable) return { type: 10, bytes: Buffer.alloc(0) }
  if (type === 'string') return textValue(text)
  if (/^[{["]/.test(text)) return jsonValue(text, type)
  return readers[type](text, isQuoted)
}

/** Writes the value of the element at `at` as the cell of a column, or as JSON where the column does not take it. */
export function cellOf(bytes: Buffer, at: number, column: CsvColumn): Cell {
  const { type, start } = valueAt(bytes, at)
  scratch.length = 0
  const end = writeEjsonValue(scratch, bytes, at, 'readable')
  const json = scratch.bytes.toString('utf8', 0, scratch.length)
  const value = { type, bytes: bytes.subarray(start, end) }
  const bare = { text: bareText(value, json), isQuoted: false }
  for (const cell of [bare, { ...bare, isQuoted: true }]) if (isSame(cell, column, value)) return cell
  return { text: json, isQuoted: false }
}

/** Tells whether a column reads a cell as exactly this value. */
export function isSame(cell: Cell, column: CsvColumn, value: StoredValue): boolean {
  try {
    const read = storedOf(cell, column)
    return read !== undefined && read.type === value.type && read.bytes.equals(value.bytes)
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

const scratch = new TextBuffer()
const out = new BsonBuffer()
const reader = new EjsonReader()

function isTextual(type: CellType): boolean {
  return type === 'string' || type === 'auto' || type === 'json'
}

// What people expect to see: text without quotes, an id without its type.
function bareText({ type, bytes }: StoredValue, json: string): string {
  if (type === 2) return bytes.toString('utf8', 4, bytes.length - 1)
  if (type === 1) return json.startsWith('{') ? json.slice('{"$numberDouble":"'.length, -2) : json
  const inner = /^\{"\$(?:oid|date|numberLong|numberDecimal)":"([^"]*)"\}$/.exec(json)?.[1]
  if (inner !== undefined) return inner
  if (type === 5 && bytes[4] === 4 && bytes.length === 21)
    return bytes.toString('hex', 5).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return json
}

type Reader = (text: string, isQuoted: boolean) => StoredValue

const readers: Readonly<Record<Exclude<CellType, 'string'>, Reader>> = {
  int: text => whole(text) ?? refuse(text, 'a whole number of 32 bits'),
  long: text => extended(text, '$numberLong', 'a whole number of 64 bits'),
  double: text => extended(text, '$numberDouble', 'a number'),
  decimal: text => extended(text, '$numberDecimal', 'a decimal number'),
  number: text => numeric(text) ?? refuse(text, 'a number'),
  boolean: text => truth(text) ?? refuse(text, 'true or false'),
  date: text => dateValue(text),
  objectId: text => extended(text, '$oid', 'an id of 24 hex digits'),
  uuid: text => extended(text, '$uuid', 'a UUID'),
  json: text => jsonValue(text, 'json'),
  auto: (text, isQuoted) => (isQuoted ? undefined : (numeric(text) ?? truth(text))) ?? textValue(text),
}

function refuse(text: string, wanted: string): never {
  throw new Unreadable(`"${text.slice(0, 40)}" is not ${wanted}`, 0)
}

function taken(type: number): StoredValue {
  return { type, bytes: out.take() }
}

function textValue(text: string): StoredValue {
  out.string(text)
  return taken(2)
}

function whole(text: string): StoredValue | undefined {
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || (value | 0) !== value) return undefined
  out.int32(value)
  return taken(0x10)
}

// Digits alone are a whole number, a point or an exponent makes a double.
function numeric(text: string): StoredValue | undefined {
  const small = whole(text)
  if (small) return small
  if (
    /^[+-]?\d{1,19}$/.test(text) &&
    BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''))
  )
    return extended(text, '$numberLong', '')
  const isNumber = /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|NaN|-?Infinity)$/i.test(text)
  return isNumber ? extended(text, '$numberDouble', '') : undefined
}

function truth(text: string): StoredValue | undefined {
  if (!/^(true|false)$/i.test(text)) return undefined
  out.byte(/^t/i.test(text) ? 1 : 0)
  return taken(8)
}

function dateValue(text: string): StoredValue {
  const time = timeOf(text)
  if (!Number.isSafeInteger(time)) return extended(text, '$date', 'a date')
  out.safeInt64(time)
  return taken(9)
}

// As the value of a type of Extended JSON, so that both read alike.
function extended(text: string, key: string, wanted: string): StoredValue {
  if (key === '$numberDecimal') return decimal(text)
  try {
    return valueIn(JSON.stringify({ [key]: text }))
  } catch (error) {
    if (error instanceof Unreadable) refuse(text, wanted)
    throw error
  }
}

function decimal(text: string): StoredValue {
  try {
    return { type: 0x13, bytes: Buffer.from(Decimal128.fromString(text).bytes) }
  } catch {
    return refuse(text, 'a decimal number')
  }
}

function jsonValue(text: string, type: CellType): StoredValue {
  try {
    return valueIn(text)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    if (type === 'auto') return textValue(text)
    throw new Unreadable(`the JSON in it cannot be read: ${error.message}`, 0)
  }
}

function valueIn(json: string): StoredValue {
  const document = reader.read(Buffer.from(`{"v":${json}}`))
  return { type: document[4]!, bytes: document.subarray(7, document.length - 1) }
}
