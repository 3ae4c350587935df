// Compares, equates and hashes values of all BSON types in MongoDB's order.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { DbPointer, type Document, type Value, WideDate } from '../bson/decode.ts'
import type { Collation } from './collation.ts'
import { compareNumbers, type NumberValue, numberKey } from './numbers.ts'

/** Compares in BSON order: MinKey, missing and undefined, null, numbers, strings, documents, arrays … MaxKey. */
export function compareValues(a: Value | undefined, b: Value | undefined, collation?: Collation): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b, collation)
  if (a instanceof Int32 && b instanceof Int32) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
  if (a instanceof Date && b instanceof Date) return compareDates(a, b)
  const rank = rankOf(a)
  const other = rankOf(b)
  if (rank !== other) return rank < other ? -1 : 1
  return compareAlike(a, b, { rank, collation })
}

export function equalValues(a: Value | undefined, b: Value | undefined, collation?: Collation): boolean {
  return a === b || compareValues(a, b, collation) === 0
}

/** Gives equal text for equal values, and for no others. */
export function hashValue(value: Value | undefined, collation?: Collation): string {
  if (typeof value === 'string') return textKey(collation === undefined ? value : collation.key(value))
  const rank = rankOf(value)
  if (rank === RANK.number) return numberKey(value as NumberValue)
  if (rank === RANK.object) return documentKey(value as Document, collation)
  if (rank === RANK.array) return `[${(value as Value[]).map(item => hashValue(item, collation)).join(',')}]`
  if (rank === RANK.string) return hashValue((value as BSONSymbol).value, collation)
  return hashOther(value, rank)
}

/** Compares strings by their UTF-8 bytes, or by a collation. */
export function compareStrings(a: string, b: string, collation?: Collation): number {
  if (collation !== undefined) return collation.compare(a, b)
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return byteOrder(left) - byteOrder(right) < 0 ? -1 : 1
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}

/** The rank of a type in BSON order; types of one rank are compared with each other by value. */
const RANK = {
  minKey: -1,
  undefined: 0,
  null: 5,
  number: 10,
  string: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  dbPointer: 55,
  javascript: 60,
  javascriptWithScope: 65,
  maxKey: 127,
} as const

export function rankOf(value: Value | undefined): number {
  switch (typeof value) {
    case 'string':
      return RANK.string
    case 'number':
    case 'bigint':
      return RANK.number
    case 'boolean':
      return RANK.bool
    case 'undefined':
      return RANK.undefined
    default:
      return value === null ? RANK.null : rankOfObject(value)
  }
}

function rankOfObject(value: object): number {
  if (value instanceof Int32 || value instanceof Decimal128) return RANK.number
  if (value instanceof Map) return RANK.object
  if (Array.isArray(value)) return RANK.array
  if (value instanceof ObjectId) return RANK.objectId
  if (value instanceof Date) return RANK.date
  if (value instanceof Binary) return RANK.binData
  if (value instanceof Timestamp) return RANK.timestamp
  if (value instanceof BSONRegExp) return RANK.regex
  if (value instanceof BSONSymbol) return RANK.string
  if (value instanceof MinKey) return RANK.minKey
  if (value instanceof MaxKey) return RANK.maxKey
  if (value instanceof Code) return value.scope === null ? RANK.javascript : RANK.javascriptWithScope
  if (value instanceof DbPointer) return RANK.dbPointer
  return RANK.undefined
}

interface Comparison {
  readonly rank: number
  readonly collation: Collation | undefined
}

function compareAlike(a: Value | undefined, b: Value | undefined, { rank, collation }: Comparison): number {
  switch (rank) {
    case RANK.number:
      return compareNumbers(a as NumberValue, b as NumberValue)
    case RANK.string:
      return compareStrings(stringOf(a), stringOf(b), collation)
    case RANK.object:
      return compareDocuments(a as Document, b as Document, collation)
    case RANK.array:
      return compareArrays(a as Value[], b as Value[], collation)
    case RANK.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id)
    case RANK.date:
      return compareDates(a as Date, b as Date)
    case RANK.bool:
      return Number(a) - Number(b)
    default:
      return compareRare(a, b, rank)
  }
}

function compareRare(a: Value | undefined, b: Value | undefined, rank: number): number {
  if (rank === RANK.binData) return compareBinaries(a as Binary, b as Binary)
  if (rank === RANK.timestamp) return compareTimestamps(a as Timestamp, b as Timestamp)
  if (rank === RANK.regex) return compareRegexes(a as BSONRegExp, b as BSONRegExp)
  if (rank === RANK.javascript) return compareStrings((a as Code).code, (b as Code).code)
  if (rank === RANK.javascriptWithScope) return compareScoped(a as Code, b as Code)
  if (rank === RANK.dbPointer) return comparePointers(a as DbPointer, b as DbPointer)
  return 0
}

function stringOf(value: Value | undefined): string {
  return value instanceof BSONSymbol ? value.value : (value as string)
}

/** Field by field: the type, then the name, then the value; the shorter of two equal beginnings is less. */
function compareDocuments(a: Document, b: Document, collation: Collation | undefined): number {
  const others = b.entries()
  for (const [name, value] of a) {
    const other = others.next()
    if (other.done === true) return 1
    const [otherName, otherValue] = other.value
    const order =
      rankOf(value) - rankOf(otherValue) ||
      compareStrings(name, otherName) ||
      compareValues(value, otherValue, collation)
    if (order !== 0) return order < 0 ? -1 : 1
  }
  return a.size < b.size ? -1 : 0
}

function compareArrays(a: readonly Value[], b: readonly Value[], collation: Collation | undefined): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const order = compareValues(a[index], b[index], collation)
    if (order !== 0) return order
  }
  return Math.sign(a.length - b.length)
}

function compareDates(a: Date, b: Date): number {
  const left = a instanceof WideDate ? a.milliseconds : a.getTime()
  const right = b instanceof WideDate ? b.milliseconds : b.getTime()
  return left < right ? -1 : left > right ? 1 : 0
}

function compareBinaries(a: Binary, b: Binary): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1
  if (a.sub_type !== b.sub_type) return a.sub_type < b.sub_type ? -1 : 1
  return Buffer.compare(bytesOf(a), bytesOf(b))
}

function bytesOf(binary: Binary): Uint8Array {
  return binary.buffer.subarray(0, binary.position)
}

function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return Math.sign(a.t - b.t || a.i - b.i)
}

function compareRegexes(a: BSONRegExp, b: BSONRegExp): number {
  return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options)
}

function compareScoped(a: Code, b: Code): number {
  return (
    compareStrings(a.code, b.code) ||
    compareDocuments(a.scope as unknown as Document, b.scope as unknown as Document, undefined)
  )
}

function comparePointers(a: DbPointer, b: DbPointer): number {
  return compareStrings(a.namespace, b.namespace) || Buffer.compare(a.id, b.id)
}

/** UTF-16 puts surrogates before U+E000, UTF-8 puts what they stand for after all others. */
function byteOrder(code: number): number {
  if (code < 0xd800) return code
  return code < 0xe000 ? code + 0x2000 : code - 0x800
}

function textKey(text: string): string {
  return `s${text.length}:${text}`
}

function documentKey(document: Document, collation: Collation | undefined): string {
  let key = '{'
  for (const [name, value] of document) key += `${textKey(name)}=${hashValue(value, collation)};`
  return `${key}}`
}

function hashOther(value: Value | undefined, rank: number): string {
  if (rank === RANK.bool) return value === true ? 't' : 'f'
  if (rank === RANK.objectId) return `o${(value as ObjectId).toHexString()}`
  if (rank === RANK.date) return `d${value instanceof WideDate ? value.milliseconds : (value as Date).getTime()}`
  if (rank === RANK.binData)
    return `b${(value as Binary).sub_type}:${Buffer.from(bytesOf(value as Binary)).toString('base64')}`
  if (rank === RANK.timestamp) return `i${(value as Timestamp).t}:${(value as Timestamp).i}`
  if (rank === RANK.regex) return `r${textKey((value as BSONRegExp).pattern)}${textKey((value as BSONRegExp).options)}`
  if (rank === RANK.javascript) return `j${textKey((value as Code).code)}`
  if (rank === RANK.javascriptWithScope)
    return `k${textKey((value as Code).code)}${documentKey((value as Code).scope as unknown as Document, undefined)}`
  if (rank === RANK.dbPointer) return `p${(value as DbPointer).namespace}:${(value as DbPointer).id.toString('hex')}`
  return RARE_KEYS[rank] ?? 'u'
}

const RARE_KEYS: Readonly<Record<number, string>> = { [RANK.minKey]: '<', [RANK.maxKey]: '>', [RANK.null]: 'z' }
