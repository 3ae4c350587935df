// Between stored documents and documents in memory: references in, ids out, nothing lost.
import { Binary, BSON, Long, ObjectId } from 'mongodb'
import type { Field } from '../models/field.ts'
import { isPlain } from '../models/plain.ts'
import { Reference, refKey } from '../models/ref.ts'
import { unstorable } from '../models/storable.ts'
import { decoderOf } from './decode.ts'
import { keptKey } from './missing.ts'
import { inClear, Plaintext } from './plaintext.ts'

/** A document as it is stored: plain values, ids in place of references. */
export type Stored = Record<string, unknown>

/** Decodes stored bytes to plain values, as the difference of a save needs them. */
export function storedFrom(bytes: Uint8Array): Stored {
  const stored: Stored = {}
  decode(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes), stored)
  return stored
}

const decode = decoderOf([])

/** Gives the stored form of a value in memory: a copy, with references as ids. */
export function toStored(value: unknown, field: Field | undefined): unknown {
  if (value === null || value === undefined || value instanceof Plaintext) return value
  if (field?.marks.encrypted) return new Plaintext(toStored(value, clearField(field)))
  if (field?.ref) return refKey(value, field.ref) ?? value
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return listTo(value, field?.element)
  if (isPlain(value)) return objectTo(value, field?.fields)
  return instanceTo(value, field)
}

/** Finds a field among others, where there are any. */
export function fieldNamed(fields: readonly Field[] | undefined, name: string): Field | undefined {
  if (fields) for (const field of fields) if (field.name === name) return field
  return undefined
}

function listTo(value: readonly unknown[], element: Field | undefined): unknown[] {
  const list: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    const item = value[i] === null ? keptKey(value, String(i)) : value[i]
    list.push(toStored(item, element))
  }
  return list
}

// What the driver would keep as it is is copied, since it may be changed in place.
function instanceTo(value: object, field: Field | undefined): unknown {
  if (value instanceof Date) return new Date(value)
  if (value instanceof Reference) return value.toBSON()
  if (value instanceof Uint8Array) return new Binary(Uint8Array.from(value))
  if (Object.getPrototypeOf(value) === Binary.prototype) return copyOfBinary(value as Binary)
  if ('_bsontype' in value || value instanceof RegExp) return value
  if (value instanceof Map) return toStored(Object.fromEntries(value), field)
  if (value instanceof Set) return listTo([...value], undefined)
  if ('toBSON' in value && typeof value.toBSON === 'function') return value.toBSON()
  // What has nothing to store is refused when it is written.
  return unstorable(value) ? value : objectTo(value as Record<string, unknown>, field?.fields)
}

function copyOfBinary(binary: Binary): Binary {
  return new Binary(Uint8Array.from(binary.value()), binary.sub_type)
}

// The same field as if it were not encrypted.
function clearField(field: Field): Field {
  const { encrypted: _encrypted, ...marks } = field.marks
  return { ...field, marks }
}

const plainly = { enumerable: true, writable: true, configurable: true }

function objectTo(value: Record<string, unknown>, fields: readonly Field[] | undefined): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const item = value[name] === null ? keptKey(value, name) : value[name]
    if (item === undefined) continue
    if (name === '__proto__') Object.defineProperty(result, name, { value: toStored(item, undefined), ...plainly })
    else result[name] = toStored(item, fieldNamed(fields, name))
  }
  return result
}

/** Compares two stored values by what they mean: 1, 1n and Long 1 are equal, and so are equal ids and dates. */
export function isEqualStored(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a instanceof Plaintext && b instanceof Plaintext) return isEqualStored(inClear(a), inClear(b))
  if (a instanceof Plaintext || b instanceof Plaintext) return false
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isEqualScalar(a, b)
  if (a instanceof ObjectId) return b instanceof ObjectId && a.equals(b)
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqualStored(item, b[i]))
  if (isPlain(a) && isPlain(b)) return isEqualObject(a, b)
  if (a instanceof Long || b instanceof Long) return isEqualScalar(a, b)
  if (isPlain(a) || isPlain(b) || Array.isArray(b)) return false
  return isEqualBytes(a, b)
}

function isEqualScalar(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  const [one, other] = [numeric(a), numeric(b)]
  // biome-ignore lint/suspicious/noDoubleEquals: 1n and 1 are the same stored number.
  return one !== undefined && other !== undefined && one == other
}

function numeric(value: unknown): number | bigint | undefined {
  if (value instanceof Long) return value.toBigInt()
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}

// Key order counts: MongoDB compares embedded documents with it.
function isEqualObject(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const [one, other] = [Object.keys(a), Object.keys(b)]
  return one.length === other.length && one.every((key, i) => key === other[i] && isEqualStored(a[key], b[key]))
}

function isEqualBytes(a: unknown, b: unknown): boolean {
  return Buffer.from(BSON.serialize({ v: a })).equals(BSON.serialize({ v: b }))
}
