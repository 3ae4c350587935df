// Reads Extended JSON v2 canonical into values of the embedded database, with their types kept.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { type Document, int32, UNDEFINED, type Value } from '../../src/embedded/bson/decode.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Reads a document; every number is wrapped in canonical form, so plain ones are refused. */
export function readDocument(json: Json): Document {
  const value = readValue(json)
  if (!(value instanceof Map)) throw new TypeError('not a document')
  return value
}

function readValue(json: Json): Value {
  if (json === null || typeof json === 'string' || typeof json === 'boolean') return json
  if (typeof json === 'number') throw new TypeError(`a number is not canonical: ${json}`)
  if (Array.isArray(json)) return json.map(readValue)
  const fields = json as { readonly [name: string]: Json }
  const names = Object.keys(fields)
  const read = WRAPPERS[names.slice().sort().join(' ')]
  if (read !== undefined) return read(fields as never)
  return new Map(names.map(name => [name, readValue(fields[name]!)] as const))
}

const WRAPPERS: Readonly<Record<string, (json: never) => Value>> = {
  $numberInt: (json: { $numberInt: string }) => int32(Number(json.$numberInt)),
  $numberLong: (json: { $numberLong: string }) => BigInt(json.$numberLong),
  $numberDouble: (json: { $numberDouble: string }) => Number(json.$numberDouble),
  $numberDecimal: (json: { $numberDecimal: string }) => Decimal128.fromString(json.$numberDecimal),
  $oid: (json: { $oid: string }) => new ObjectId(json.$oid),
  $date: (json: { $date: { $numberLong: string } }) => new Date(Number(json.$date.$numberLong)),
  $binary: (json: { $binary: { base64: string; subType: string } }) =>
    new Binary(Buffer.from(json.$binary.base64, 'base64'), Number.parseInt(json.$binary.subType, 16)),
  $regularExpression: (json: { $regularExpression: { pattern: string; options: string } }) =>
    new BSONRegExp(json.$regularExpression.pattern, json.$regularExpression.options),
  $timestamp: (json: { $timestamp: { t: number; i: number } }) => new Timestamp(json.$timestamp),
  $minKey: () => new MinKey(),
  $maxKey: () => new MaxKey(),
  $undefined: () => UNDEFINED,
  $symbol: (json: { $symbol: string }) => new BSONSymbol(json.$symbol),
  $code: (json: { $code: string }) => new Code(json.$code),
}
