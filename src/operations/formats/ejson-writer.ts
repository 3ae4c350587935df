// Writes stored bytes as Extended JSON that keeps every type, without making objects of them in between.
import { Decimal128 } from 'mongodb'
import { GooseError } from '../../errors.ts'
import type { TextBuffer } from './text-buffer.ts'

/** Canonical names every type; readable takes the plain form where it reads back as the same type. */
export type EjsonForm = 'canonical' | 'readable'

/** Writes one stored document. Throws `NOT_SUPPORTED` for one whose own keys would be read as a type. */
export function writeEjson(out: TextBuffer, bytes: Buffer, form: EjsonForm): void {
  writeFields({ out, bytes, isReadable: form === 'readable' }, 0, OBJECT)
}

/** Writes one value of a stored document, and gives where it ends. */
export function writeEjsonValue(out: TextBuffer, bytes: Buffer, at: number, form: EjsonForm): number {
  const { type, start } = valueAt(bytes, at)
  return writeValue({ out, bytes, isReadable: form === 'readable' }, type, start)
}

/** Says of the element that begins at `at` which type it has, and where its value starts. */
export function valueAt(bytes: Buffer, at: number): { readonly type: number; readonly start: number } {
  return { type: bytes[at]!, start: bytes.indexOf(0, at + 1) + 1 }
}

interface Writing {
  readonly out: TextBuffer
  readonly bytes: Buffer
  readonly isReadable: boolean
}

const OBJECT = 3
const ARRAY = 4
const DOLLAR = 0x24

/** Keys that, coming first, make an object mean something else than itself. */
const typeKeys: ReadonlySet<string> = new Set([
  '$oid',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$numberDecimal',
  '$date',
  '$binary',
  '$uuid',
  '$symbol',
  '$code',
  '$timestamp',
  '$regularExpression',
  '$regex',
  '$dbPointer',
  '$minKey',
  '$maxKey',
  '$undefined',
])

function writeFields(writing: Writing, start: number, kind: typeof OBJECT | typeof ARRAY): number {
  const { out, bytes } = writing
  const isList = kind === ARRAY
  out.byte(isList ? 0x5b : 0x7b)
  let at = start + 4
  let isFirst = true
  for (let type = bytes[at++]!; type !== 0; type = bytes[at++]!) {
    if (!isFirst) out.byte(0x2c)
    let end = at
    while (bytes[end] !== 0) end++
    if (!isList) {
      if (isFirst && bytes[at] === DOLLAR) refuseTypeKey(bytes, at, end)
      out.quoted(bytes, at, end)
      out.byte(0x3a)
    }
    isFirst = false
    at = writeValue(writing, type, end + 1)
  }
  out.byte(isList ? 0x5d : 0x7d)
  return at
}

function refuseTypeKey(bytes: Buffer, start: number, end: number): void {
  const key = bytes.toString('latin1', start, end)
  if (!typeKeys.has(key)) return
  throw new GooseError('NOT_SUPPORTED', {
    what: `a document with an own key ${key}`,
    reason: 'in Extended JSON it would be read as a type',
    hint: 'take --format bson, which keeps it',
  })
}

function writeValue(writing: Writing, type: number, at: number): number {
  const { out, bytes } = writing
  if (type === 2) return writeString(out, bytes, at)
  if (type === 0x10) return writeInt(writing, at)
  if (type === 1) return writeDouble(writing, at)
  if (type === 7) {
    out.ascii('{"$oid":"')
    out.hex(bytes, at, at + 12)
    out.ascii('"}')
    return at + 12
  }
  if (type === OBJECT || type === ARRAY) return writeFields(writing, at, type)
  if (type === 9) return writeDate(writing, at)
  if (type === 8) {
    out.ascii(bytes[at] === 0 ? 'false' : 'true')
    return at + 1
  }
  if (type === 0x0a) {
    out.ascii('null')
    return at
  }
  if (type === 0x12) {
    out.ascii(`{"$numberLong":"${longText(bytes, at)}"}`)
    return at + 8
  }
  return writeRare(writing, type, at)
}

function writeString(out: TextBuffer, bytes: Buffer, at: number): number {
  const end = at + 4 + bytes.readInt32LE(at)
  out.quoted(bytes, at + 4, end - 1)
  return end
}

function writeInt({ out, bytes, isReadable }: Writing, at: number): number {
  const text = String(bytes.readInt32LE(at))
  out.ascii(isReadable ? text : `{"$numberInt":"${text}"}`)
  return at + 4
}

function writeDouble({ out, bytes, isReadable }: Writing, at: number): number {
  const value = bytes.readDoubleLE(at)
  const isPlain = isReadable && Number.isFinite(value) && !Number.isInteger(value)
  out.ascii(isPlain ? String(value) : `{"$numberDouble":"${doubleText(value)}"}`)
  return at + 8
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) ? value.toFixed(1) : String(value)
}

const lastReadableDate = 253_402_318_799_999

function writeDate({ out, bytes, isReadable }: Writing, at: number): number {
  const time = safeLong(bytes, at)
  const isPlain = isReadable && time !== undefined && time >= 0 && time <= lastReadableDate
  if (isPlain) out.ascii(`{"$date":"${new Date(time).toISOString()}"}`)
  else out.ascii(`{"$date":{"$numberLong":"${time ?? longText(bytes, at)}"}}`)
  return at + 8
}

// Most integers of 64 bits are exact as numbers too, and those are quicker.
function safeLong(bytes: Buffer, at: number): number | undefined {
  const value = bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)
  return Number.isSafeInteger(value) ? value : undefined
}

function longText(bytes: Buffer, at: number): string {
  return String(safeLong(bytes, at) ?? bytes.readBigInt64LE(at))
}

function writeRare(writing: Writing, type: number, at: number): number {
  const { out, bytes } = writing
  if (type === 5) return writeBinary(out, bytes, at)
  if (type === 0x0b) return writeRegex(out, bytes, at)
  if (type === 0x0d || type === 0x0e) {
    out.ascii(type === 0x0d ? '{"$code":' : '{"$symbol":')
    const end = writeString(out, bytes, at)
    out.byte(0x7d)
    return end
  }
  if (type === 0x0f) return writeScopedCode(writing, at)
  if (type === 0x11) {
    out.ascii(`{"$timestamp":{"t":${bytes.readUInt32LE(at + 4)},"i":${bytes.readUInt32LE(at)}}}`)
    return at + 8
  }
  if (type === 0x13) {
    out.ascii(`{"$numberDecimal":"${new Decimal128(bytes.subarray(at, at + 16)).toString()}"}`)
    return at + 16
  }
  if (type === 0x0c) return writePointer(out, bytes, at)
  if (type === 0xff) out.ascii('{"$minKey":1}')
  else if (type === 0x7f) out.ascii('{"$maxKey":1}')
  else if (type === 6) out.ascii('{"$undefined":true}')
  else throw new GooseError('NOT_SUPPORTED', { what: `BSON type ${type}`, reason: 'no such type is known', hint: '' })
  return at
}

function writeBinary(out: TextBuffer, bytes: Buffer, at: number): number {
  const subtype = bytes[at + 4]!
  const end = at + 5 + bytes.readInt32LE(at)
  // The old subtype says its length twice.
  const start = subtype === 2 ? at + 9 : at + 5
  out.ascii('{"$binary":{"base64":"')
  out.base64(bytes, start, end)
  out.ascii(`","subType":"${subtype.toString(16).padStart(2, '0')}"}}`)
  return end
}

function writeRegex(out: TextBuffer, bytes: Buffer, at: number): number {
  const pattern = bytes.indexOf(0, at)
  const end = bytes.indexOf(0, pattern + 1)
  out.ascii('{"$regularExpression":{"pattern":')
  out.quoted(bytes, at, pattern)
  out.ascii(',"options":')
  const options = Buffer.from([...bytes.toString('latin1', pattern + 1, end)].sort().join(''), 'latin1')
  out.quoted(options, 0, options.length)
  out.ascii('}}')
  return end + 1
}

function writeScopedCode(writing: Writing, at: number): number {
  const { out, bytes } = writing
  out.ascii('{"$code":')
  const scope = writeString(out, bytes, at + 4)
  out.ascii(',"$scope":')
  const end = writeFields(writing, scope, OBJECT)
  out.byte(0x7d)
  return end
}

function writePointer(out: TextBuffer, bytes: Buffer, at: number): number {
  out.ascii('{"$dbPointer":{"$ref":')
  const end = writeString(out, bytes, at)
  out.ascii(',"$id":{"$oid":"')
  out.hex(bytes, end, end + 12)
  out.ascii('"}}}')
  return end + 12
}
