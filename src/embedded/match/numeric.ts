// Compiles $mod and $size, whose operands are numbers.
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { integerOf, isInt64, isNumber, truncated } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import type { Test } from './path.ts'

/** Tests the remainder of the whole part of a number. */
export function modTest(operand: Value): Test {
  if (!Array.isArray(operand)) throw malformed('needs to be an array')
  if (operand.length < 2) throw malformed('not enough elements')
  if (operand.length > 2) throw malformed('too many elements')
  const divisor = wholePart(operand[0]!, 'divisor')
  const wanted = wholePart(operand[1]!, 'remainder')
  if (divisor === 0n) throw new CommandError('BadValue', 'divisor cannot be 0')
  return value => {
    const whole = isNumber(value) ? truncated(value) : undefined
    return whole !== undefined && isInt64(whole) && whole % divisor === wanted
  }
}

/** Tests the length of an array. */
export function sizeTest(operand: Value): Test {
  if (!isNumber(operand))
    throw new CommandError('BadValue', `Failed to parse $size. Expected a number in: $size: ${textOf(operand)}`)
  const size = integerOf(operand)
  if (size === undefined)
    throw new CommandError('BadValue', `Failed to parse $size. Expected an integer: $size: ${textOf(operand)}`)
  if (size < 0n)
    throw new CommandError('BadValue', `Failed to parse $size. Expected a non-negative number in: $size: ${size}`)
  const length = Number(size)
  return value => Array.isArray(value) && value.length === length
}

function malformed(reason: string): CommandError {
  return new CommandError('BadValue', `malformed mod, ${reason}`)
}

function wholePart(operand: Value, name: string): bigint {
  if (!isNumber(operand)) throw malformed(`${name} not a number`)
  const whole = truncated(operand)
  if (whole === undefined || !isInt64(whole)) throw malformed(`${name} value is invalid`)
  return whole
}
