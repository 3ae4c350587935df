// Combines the bits of integers: $bitAnd, $bitOr, $bitXor, $bitNot.
import { Int32 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { isNullish, type Operator, type OperatorTable, type Result, unary, variadic } from '../operator.ts'

export const bits: OperatorTable = {
  $bitAnd: combined('$bitAnd', -1n, (a, b) => a & b),
  $bitOr: combined('$bitOr', 0n, (a, b) => a | b),
  $bitXor: combined('$bitXor', 0n, (a, b) => a ^ b),
  $bitNot: unary(value => {
    if (isNullish(value)) return null
    if (!isNumber(value)) throw new CommandError(28765, `$bitNot only supports numeric types, not ${typeName(value)}`)
    const bigint = bitsOf(value, '$bitNot')
    return value instanceof Int32 ? int32(~value.value) : ~bigint
  }),
}

function combined(name: string, start: bigint, combine: (a: bigint, b: bigint) => bigint): Operator {
  return variadic(values => {
    let total = start
    let long = false
    for (const value of values) {
      if (isNullish(value)) return null
      total = combine(total, bitsOf(value, name))
      long ||= typeof value === 'bigint'
    }
    return long ? BigInt.asIntN(64, total) : int32(Number(BigInt.asIntN(32, total)))
  })
}

function bitsOf(value: Result, name: string): bigint {
  if (value instanceof Int32) return BigInt(value.value)
  if (typeof value === 'bigint') return value
  throw new CommandError('TypeMismatch', `${name} only supports int and long operands, not ${typeName(value)}`)
}
