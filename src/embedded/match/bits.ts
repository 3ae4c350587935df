// Compiles $bitsAllSet, $bitsAnySet, $bitsAllClear and $bitsAnyClear.
import { Binary, Decimal128 } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { decimalOf, integerPart, roundDecimal } from '../values/decimal.ts'
import { integerOf, isInt64, isNumber } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import type { Test } from './path.ts'

export type BitOperator = '$bitsAllSet' | '$bitsAnySet' | '$bitsAllClear' | '$bitsAnyClear'

/** Tests the bits of integers and binary data; negative numbers extend their sign without end. */
export function bitTest(operator: BitOperator, operand: Value): Test {
  const positions = positionsOf(operator, operand)
  const wantsSet = operator.endsWith('Set')
  const some = operator.startsWith('$bitsAny')
  return value => {
    const bitAt = bitsOf(value)
    if (bitAt === undefined) return false
    const holds = (position: number): boolean => bitAt(position) === wantsSet
    return some ? positions.some(holds) : positions.every(holds)
  }
}

function positionsOf(operator: string, operand: Value): readonly number[] {
  if (Array.isArray(operand)) return operand.map(positionOf)
  if (operand instanceof Binary) return setBits(operand)
  if (!isNumber(operand))
    throw new CommandError(
      'BadValue',
      `${operator} takes an Array, a number, or a BinData but received: ${textOf(operand)}`,
    )
  const mask = integerOf(operand)
  if (mask === undefined || !isInt64(mask))
    throw new CommandError('FailedToParse', `Expected an integer: ${operator}: ${textOf(operand)}`)
  if (mask < 0n) throw new CommandError('FailedToParse', `Expected a non-negative number in: ${operator}: ${mask}`)
  return Array.from({ length: 64 }, (_, position) => position).filter(position => (mask >> BigInt(position)) & 1n)
}

function positionOf(item: Value): number {
  if (!isNumber(item)) throw new CommandError('BadValue', `bit positions must be an integer but got: ${textOf(item)}`)
  const position = integerOf(item)
  if (position === undefined)
    throw new CommandError('BadValue', `bit positions must be an integer but got: ${textOf(item)}`)
  if (position > 2147483647n)
    throw new CommandError('BadValue', `bit positions cannot be represented as a 32-bit signed integer: ${position}`)
  if (position < 0n) throw new CommandError('BadValue', `bit positions must be >= 0 but got: ${position}`)
  return Number(position)
}

function setBits(mask: Binary): readonly number[] {
  const isSet = binaryBits(mask)
  return Array.from({ length: mask.position * 8 }, (_, position) => position).filter(isSet)
}

function bitsOf(value: Value | undefined): ((position: number) => boolean) | undefined {
  if (value instanceof Binary) return binaryBits(value)
  const integer = value instanceof Decimal128 ? roundedDecimal(value) : isNumber(value) ? integerOf(value) : undefined
  if (integer === undefined || !isInt64(integer)) return undefined
  return position => ((integer >> BigInt(Math.min(position, 63))) & 1n) === 1n
}

/** Decimals are rounded, unlike doubles; what is no int64 counts as the least one. */
function roundedDecimal(value: Decimal128): bigint {
  const rounded = integerPart(roundDecimal(decimalOf(value), 0, { rounding: 'half-even' }))
  return rounded !== undefined && isInt64(rounded) ? rounded : -(2n ** 63n)
}

function binaryBits(binary: Binary): (position: number) => boolean {
  return position => {
    const byte = position >> 3
    return byte < binary.position && ((binary.buffer[byte]! >> (position & 7)) & 1) === 1
  }
}
