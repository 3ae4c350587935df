// The objects of Extended JSON that stand for a value of another type, canonical and as old programs write them.
import { Binary, BSON, Decimal128, type Document, Long, ObjectId } from 'mongodb'
import { momentOf } from '../../models/moment.ts'
import type { BsonBuffer } from './bson-buffer.ts'
import type { JsonScanner } from './json-scanner.ts'

/** How objects that begin with one key are read. */
export interface Extended {
  readonly name: string
  /** Whether an object with this key can mean nothing else, so that a wrong value is an error. */
  readonly isCertain: boolean
  /** Reads the usual form from its text, up to the closing brace; gives the type, or nothing where it is unusual. */
  quick?(json: JsonScanner, out: BsonBuffer): number | undefined
  /** Writes what the object stands for, and gives the type; nothing where it stands for itself. */
  convert(plain: Buffer, out: BsonBuffer): number | undefined
}

type Convert = (value: Document, out: BsonBuffer, plain: Buffer) => number | undefined

/** All types by their first key. */
export const extendedTypes: ReadonlyMap<string, Extended> = new Map([
  ...certain(
    '$oid',
    ({ $oid }, out) => (isText($oid) ? writeObjectId(out, $oid) : undefined),
    quickText(writeObjectId),
  ),
  ...certain('$numberInt', number('$numberInt', writeInt), quickText(writeInt)),
  ...certain('$numberLong', number('$numberLong', writeLong), quickText(writeLong)),
  ...certain('$numberDouble', number('$numberDouble', writeDouble), quickText(writeDouble)),
  ...certain('$numberDecimal', number('$numberDecimal', writeDecimal)),
  ...certain('$date', ({ $date }, out) => writeDate(out, $date), quickDate),
  ...certain('$uuid', ({ $uuid }, out) => (isText($uuid) ? writeUuid(out, $uuid) : undefined)),
  ...certain('$timestamp', ({ $timestamp }, out) => writeTimestamp(out, $timestamp)),
  ...certain('$regularExpression', ({ $regularExpression: it }, out) => writeRegex(out, it?.pattern, it?.options)),
  ...certain('$dbPointer', ({ $dbPointer: it }, out) => writePointer(out, it)),
  ...possible(['$binary', '$type'], ({ $binary, $type }, out) => writeBinary(out, $binary, $type)),
  ...possible(['$regex', '$options'], ({ $regex, $options }, out) => writeRegex(out, $regex, $options)),
  ...possible(['$symbol'], ({ $symbol }, out) => (isText($symbol) ? writeText(out, $symbol, 0x0e) : undefined)),
  ...possible(['$code'], writeCode),
  ...possible(['$minKey'], ({ $minKey }) => (Number($minKey) === 1 ? 0xff : undefined)),
  ...possible(['$maxKey'], ({ $maxKey }) => (Number($maxKey) === 1 ? 0x7f : undefined)),
  ...possible(['$undefined'], ({ $undefined }) => ($undefined === true ? 6 : undefined)),
])

const sizes: Readonly<Record<string, number>> = { $binary: 2, $type: 2, $regex: 2, $options: 2, $code: 2 }

function certain(name: string, convert: Convert, quick?: Extended['quick']): [string, Extended][] {
  return [[name, { name, isCertain: true, convert: converter(name, convert), ...(quick ? { quick } : {}) }]]
}

// Old forms, and keys that a stored filter may have as its own.
function possible(names: readonly string[], convert: Convert): [string, Extended][] {
  return names.map(name => [name, { name, isCertain: false, convert: converter(name, convert) }])
}

function converter(name: string, convert: Convert): Extended['convert'] {
  return (plain, out) => {
    const value = BSON.deserialize(plain, { promoteValues: false, promoteBuffers: false, bsonRegExp: true })
    return Object.keys(value).length > (sizes[name] ?? 1) ? undefined : convert(value, out, plain)
  }
}

/** Reads `"$key": "text"`, which nearly all values of Extended JSON are. */
function quickText(write: (out: BsonBuffer, text: string) => number | undefined): NonNullable<Extended['quick']> {
  return (json, out) => {
    json.string('a name')
    json.expect(0x3a, 'a colon')
    return quickValue(json, text => write(out, text))
  }
}

function quickValue(json: JsonScanner, write: (text: string) => number | undefined): number | undefined {
  if (json.peek() !== 0x22) return undefined
  json.string('a text')
  const text = json.text()
  return json.peek() === 0x7d ? write(text) : undefined
}

/** Reads `{"$date": {"$numberLong": "…"}}` and `{"$date": "…"}`. */
function quickDate(json: JsonScanner, out: BsonBuffer): number | undefined {
  json.string('a name')
  json.expect(0x3a, 'a colon')
  if (json.peek() !== 0x7b) return quickValue(json, text => writeDate(out, text))
  json.at += 1
  if (json.peek() !== 0x22) return undefined
  json.string('a name')
  if (json.text() !== '$numberLong') return undefined
  json.expect(0x3a, 'a colon')
  if (quickValue(json, text => writeLong(out, text)) === undefined) return undefined
  json.at += 1
  return 9
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

// Some programs leave out the quotes.
function number(name: string, write: (out: BsonBuffer, text: string) => number | undefined): Convert {
  return (value, out) => (isText(value[name]) || isNumber(value[name]) ? write(out, String(value[name])) : undefined)
}

function isNumber(value: unknown): boolean {
  const type = (value as { _bsontype?: unknown } | null)?._bsontype
  return type === 'Int32' || type === 'Long' || type === 'Double'
}

function writeObjectId(out: BsonBuffer, hex: string): number | undefined {
  if (!/^[0-9a-fA-F]{24}$/.test(hex)) return undefined
  out.room(12)
  out.length += out.bytes.write(hex, out.length, 'hex')
  return 7
}

function writeInt(out: BsonBuffer, text: string): number | undefined {
  const value = Number(text)
  if (!/^[+-]?\d+$/.test(text) || (value | 0) !== value) return undefined
  out.int32(value)
  return 0x10
}

function writeLong(out: BsonBuffer, text: string): number | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value)) {
    out.safeInt64(value)
    return 0x12
  }
  const whole = BigInt(text.replace('+', ''))
  if (BigInt.asIntN(64, whole) !== whole) return undefined
  out.int64(whole)
  return 0x12
}

function writeDouble(out: BsonBuffer, text: string): number | undefined {
  if (!/^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|-?Infinity)$/.test(text)) return undefined
  out.double(Number(text))
  return 1
}

function writeDecimal(out: BsonBuffer, text: string): number | undefined {
  try {
    out.raw(Decimal128.fromString(text).bytes)
    return 0x13
  } catch {
    return undefined
  }
}

function writeDate(out: BsonBuffer, date: unknown): number | undefined {
  if (date instanceof Long) {
    out.int64(date.toBigInt())
    return 9
  }
  const time = isText(date) ? timeOf(date) : isNumber(date) ? Number(date) : Number.NaN
  if (!Number.isSafeInteger(time)) return undefined
  out.safeInt64(time)
  return 9
}

const lateDay = /^[+-]?\d+-\d\d-(29|[3-9]\d)/

/** Reads a date as programs write it; without an offset it is UTC, wherever it is read. */
export function timeOf(text: string): number {
  if (!/^[+-]?\d{4,6}-\d\d(-\d\d([T ]\d\d:\d\d.*)?)?$/.test(text)) return Number.NaN
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !/\d:\d/.test(text)
  const whole = hasOffset ? text : `${text}Z`
  // JavaScript makes the second of March of the 30th of February; no month ends before the 28th.
  return lateDay.test(text) && momentOf(whole) === undefined ? Number.NaN : Date.parse(whole)
}

function writeUuid(out: BsonBuffer, text: string): number | undefined {
  const digits = text.replaceAll('-', '')
  if (!/^[0-9a-fA-F]{32}$/.test(digits)) return undefined
  return writeBytes(out, Buffer.from(digits, 'hex'), 4)
}

function writeBinary(out: BsonBuffer, binary: unknown, type: unknown): number | undefined {
  if (isText(binary) && isText(type)) return writeBase64(out, binary, type)
  const { base64, subType } = (binary ?? {}) as { readonly base64?: unknown; readonly subType?: unknown }
  return isText(base64) && isText(subType) && type === undefined ? writeBase64(out, base64, subType) : undefined
}

function writeBase64(out: BsonBuffer, text: string, type: string): number | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || !/^[0-9a-fA-F]{1,2}$/.test(type)) return undefined
  return writeBytes(out, Buffer.from(text, 'base64'), Number.parseInt(type, 16))
}

function writeBytes(out: BsonBuffer, content: Buffer, subtype: number): number {
  const isOld = subtype === Binary.SUBTYPE_BYTE_ARRAY
  out.int32(content.length + (isOld ? 4 : 0))
  out.byte(subtype)
  if (isOld) out.int32(content.length)
  out.raw(content)
  return 5
}

function writeTimestamp(out: BsonBuffer, value: unknown): number | undefined {
  const { t, i } = (value ?? {}) as { readonly t?: unknown; readonly i?: unknown }
  if (![t, i].every(part => isNumber(part) && Number(part) >= 0 && Number(part) <= 0xffffffff)) return undefined
  out.uint32(Number(i))
  out.uint32(Number(t))
  return 0x11
}

function writeRegex(out: BsonBuffer, pattern: unknown, options: unknown = ''): number | undefined {
  if (!isText(pattern) || !isText(options) || `${pattern}${options}`.includes('\0')) return undefined
  out.cstring(pattern)
  out.cstring([...options].sort().join(''))
  return 0x0b
}

function writeText(out: BsonBuffer, text: string, type: number): number {
  out.string(text)
  return type
}

function writePointer(out: BsonBuffer, value: unknown): number | undefined {
  const { $ref, $id } = (value ?? {}) as { readonly $ref?: unknown; readonly $id?: unknown }
  if (!isText($ref) || !($id instanceof ObjectId)) return undefined
  out.string($ref)
  out.raw($id.id)
  return 0x0c
}

const NAME_OF_SCOPE = Buffer.from('\u0003$scope\0', 'latin1')

function writeCode({ $code, $scope }: Document, out: BsonBuffer, plain: Buffer): number | undefined {
  if (!isText($code)) return undefined
  const second = CODE + 4 + plain.readInt32LE(CODE)
  if (plain[second] === 0) return writeText(out, $code, 0x0d)
  const scope = second + NAME_OF_SCOPE.length
  if ($scope === undefined || !plain.subarray(second, scope).equals(NAME_OF_SCOPE)) return undefined
  // The scope is a document of its own: it goes over as it was read.
  const start = out.begin()
  out.string($code)
  out.raw(plain.subarray(scope, plain.length - 1))
  out.bytes.writeInt32LE(out.length - start, start)
  return 0x0f
}

// Where the text of a $code that comes first lies: after a length, a type and the name.
const CODE = 4 + 1 + '$code'.length + 1
