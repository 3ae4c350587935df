// Writes values as MongoDB's messages and explain show them: { a: 1, b: "x" }.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { UNDEFINED, type Value } from '../bson/decode.ts'

/** Writes a value as text, such as `{ a: [ 1, ObjectId('…') ] }`. */
export function textOf(value: Value | undefined): string {
  if (value === undefined || value === UNDEFINED) return 'undefined'
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return doubleText(value)
  if (value instanceof Map) return documentText(value)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(textOf).join(', ')} ]`
  if (value instanceof Date) return `new Date(${value.getTime()})`
  return classText(value)
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan.0'
  if (!Number.isFinite(value)) return value > 0 ? 'inf.0' : '-inf.0'
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value)
}

function documentText(fields: ReadonlyMap<string, Value>): string {
  if (fields.size === 0) return '{}'
  return `{ ${[...fields].map(([name, value]) => `${name}: ${textOf(value)}`).join(', ')} }`
}

function classText(value: object): string {
  if (value instanceof Int32) return String(value.value)
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`
  if (value instanceof Decimal128) return value.toString()
  if (value instanceof Binary) return binaryText(value)
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`
  if (value instanceof BSONSymbol) return JSON.stringify(value.value)
  if (value instanceof Timestamp) return `Timestamp(${value.getHighBitsUnsigned()}, ${value.getLowBitsUnsigned()})`
  if (value instanceof Code) return value.code
  if (value instanceof MinKey) return 'MinKey'
  return value instanceof MaxKey ? 'MaxKey' : 'DBRef'
}

function binaryText(value: Binary): string {
  const hex = Buffer.from(value.value()).toString('hex').toUpperCase()
  if (value.sub_type !== 4 || hex.length !== 32) return `BinData(${value.sub_type}, ${hex})`
  return `UUID("${hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}")`
}
