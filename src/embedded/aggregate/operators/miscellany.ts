// Holds operators of no other family: $literal, $rand, $type, sizes, and those refused by name.
import { Binary, Timestamp } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { encodeDocument } from '../../bson/encode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { constantNode, isNullish, type Operator, type OperatorTable, type Result, unary } from '../operator.ts'

export const miscellany: OperatorTable = {
  $binarySize: unary(binarySize),
  $bsonSize: unary(bsonSize),
  $const: argument => constantNode(argument),
  $isNumber: unary(value => isNumber(value)),
  $literal: argument => constantNode(argument),
  $rand: argument => {
    if (argument instanceof Map ? argument.size === 0 : Array.isArray(argument) && argument.length === 0) {
      return { evaluate: () => Math.random(), constant: false }
    }
    if (argument instanceof Map || Array.isArray(argument))
      throw new CommandError(3040501, '$rand does not currently accept arguments')
    throw new CommandError(10065, 'invalid parameter: expected an object ($rand)')
  },
  $tsIncrement: unary(value => timestampPart(value, '$tsIncrement', 5687302)),
  $tsSecond: unary(value => timestampPart(value, '$tsSecond', 5687301)),
  $type: unary(value => typeName(value)),
  $accumulator: refuse,
  $encStrContains: refuse,
  $encStrEndsWith: refuse,
  $encStrNormalizedEq: refuse,
  $encStrStartsWith: refuse,
  $function: refuse,
  $meta: refuse,
}

function refuse(_argument: Parameters<Operator>[0], _scope: Parameters<Operator>[1], name: string): never {
  throw new CommandError('CommandNotSupported', `the expression ${name} is not supported by the embedded database`)
}

function binarySize(value: Result): Result {
  if (isNullish(value)) return null
  if (typeof value === 'string') return int32(Buffer.byteLength(value))
  if (value instanceof Binary) return int32(value.length())
  throw new CommandError(51276, `$binarySize requires a string or BinData argument, found: ${typeName(value)}`)
}

function bsonSize(value: Result): Result {
  if (isNullish(value)) return null
  if (value instanceof Map) return int32(encodeDocument(value).length)
  throw new CommandError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`)
}

function timestampPart(value: Result, name: string, code: number): Result {
  if (isNullish(value)) return null
  if (!(value instanceof Timestamp)) {
    throw new CommandError(code, `${name} requires a timestamp argument, found: ${typeName(value)}`)
  }
  return BigInt(name === '$tsSecond' ? value.getHighBitsUnsigned() : value.getLowBitsUnsigned())
}
