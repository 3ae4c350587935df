// Names the BSON types of values, as $type and error messages do.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Int32, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { DbPointer, type Value } from '../bson/decode.ts'

/** The numbers of the types by their names. */
export const TYPE_NUMBERS = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const

export type TypeName = keyof typeof TYPE_NUMBERS

/** Gives the name of a value's type; `missing` for no value. */
export function typeName(value: Value | undefined): TypeName | 'missing' {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
      return 'double'
    case 'bigint':
      return 'long'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return 'missing'
    default:
      return value === null ? 'null' : objectType(value)
  }
}

function objectType(value: object): TypeName {
  if (value instanceof Int32) return 'int'
  if (value instanceof Map) return 'object'
  if (Array.isArray(value)) return 'array'
  if (value instanceof ObjectId) return 'objectId'
  if (value instanceof Date) return 'date'
  if (value instanceof Decimal128) return 'decimal'
  if (value instanceof Binary) return 'binData'
  if (value instanceof Timestamp) return 'timestamp'
  if (value instanceof BSONRegExp) return 'regex'
  if (value instanceof MinKey) return 'minKey'
  if (value instanceof MaxKey) return 'maxKey'
  if (value instanceof Code) return value.scope === null ? 'javascript' : 'javascriptWithScope'
  if (value instanceof BSONSymbol) return 'symbol'
  if (value instanceof DbPointer) return 'dbPointer'
  return 'undefined'
}
