// Data as JSON for programs: full ids, RFC 3339 dates, and text for numbers that JSON cannot hold exactly.
import { escapeJson } from './escape.ts'

/** Writes a value as JSON text on one line, or over several lines with an indent. */
export function jsonText(value: unknown, indent = 0): string {
  return escapeJson(JSON.stringify(jsonValue(value), null, indent) ?? 'null')
}

/** Turns data with BSON types into what JSON knows. */
export function jsonValue(value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (typeof value === 'bigint') return exactNumber(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object') return value
  if (value instanceof Date) return dateText(value)
  if (Array.isArray(value)) return value.map(jsonValue)
  if (isBson(value)) return bsonValue(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof RegExp) return String(value)
  if (value instanceof Map) return jsonValue(Object.fromEntries(value))
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? jsonValue(toJSON.call(value)) : objectValue(value)
}

/** A value of a BSON type, known by the mark each of the driver's classes carries. */
export interface BsonObject {
  readonly _bsontype: string
}

/** Says whether a value is of one of the driver's BSON classes. */
export function isBson(value: unknown): value is BsonObject {
  return typeof value === 'object' && value !== null && typeof (value as BsonObject)._bsontype === 'string'
}

/** Writes a date as RFC 3339, and says so where a date is none. */
export function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}

function exactNumber(value: bigint): number | string {
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
  return isSafe ? Number(value) : String(value)
}

function objectValue(value: object): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined || typeof inner === 'function') continue
    Object.defineProperty(result, key, { value: jsonValue(inner), enumerable: true })
  }
  return result
}

function bsonValue(value: BsonObject): unknown {
  switch (value._bsontype) {
    case 'Long':
      return exactNumber(BigInt(String(value)))
    case 'Int32':
    case 'Double':
      return jsonValue(Number(value.valueOf()))
    case 'Binary':
      return binaryText(value)
    case 'Timestamp':
      return exactNumber(BigInt(String(value)))
    case 'BSONRegExp':
      return regexText(value)
    case 'MinKey':
    case 'MaxKey':
      return value._bsontype
    case 'Code':
      return String((value as BsonObject & { code: unknown }).code)
    case 'DBRef':
      return objectValue((value as unknown as { toJSON(): object }).toJSON())
    default:
      return String(value)
  }
}

function binaryText(value: BsonObject): string {
  const { sub_type: subtype } = value as BsonObject & { sub_type: number }
  const binary = value as BsonObject & { toUUID(): unknown; toString(encoding: string): string }
  return subtype === 4 ? String(binary.toUUID()) : binary.toString('base64')
}

function regexText(value: BsonObject): string {
  const { pattern, options } = value as BsonObject & { pattern: string; options: string }
  return `/${pattern}/${options}`
}
