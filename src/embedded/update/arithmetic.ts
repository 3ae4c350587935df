// Implements $inc, $mul and $bit.
import type { Int32 } from 'mongodb'
import { int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { add, isInteger, isNumber, multiply, type NumberValue, narrowest } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { typeName } from '../values/type-names.ts'
import type { Operator, Place } from './change.ts'

export const inc: Operator = (operand, { path }) => {
  const amount = numberOperand(operand, `Cannot increment with non-numeric argument: {${path}: ${textOf(operand)}}`)
  return {
    absent: 'create',
    existing: (value, place) => computed(value, place, { name: '$inc', amount, compute: add }),
    missing: () => amount,
  }
}

export const mul: Operator = (operand, { path }) => {
  const factor = numberOperand(operand, `Cannot multiply with non-numeric argument: {${path}: ${textOf(operand)}}`)
  return {
    absent: 'create',
    existing: (value, place) => computed(value, place, { name: '$mul', amount: factor, compute: multiply }),
    missing: () => multiply(int32(0), factor),
  }
}

export const bit: Operator = operand => {
  const steps = bitSteps(operand)
  const apply = (value: Int32 | bigint): Value => steps.reduce((result, step) => step(result), value)
  return {
    absent: 'create',
    existing: (value, place) => {
      if (isInteger(value)) return apply(value)
      throw new CommandError(
        'BadValue',
        `Cannot apply $bit to a value of non-integral type.${idText(place)} has the field ${lastName(place.path)} of non-integer type ${typeName(value)}`,
      )
    },
    missing: () => apply(int32(0)),
  }
}

/** Names a document by its _id, as messages do. */
export function idText({ document }: Place): string {
  const id = document.get('_id')
  return id === undefined ? '{ no id }' : `{_id: ${textOf(id)}}`
}

interface Computation {
  readonly name: string
  readonly amount: NumberValue
  readonly compute: (a: NumberValue, b: NumberValue) => NumberValue
}

function computed(value: Value, place: Place, { name, amount, compute }: Computation): Value {
  if (!isNumber(value))
    throw new CommandError(
      'TypeMismatch',
      `Cannot apply ${name} to a value of non-numeric type. ${idText(place)} has the field '${lastName(place.path)}' of non-numeric type ${typeName(value)}`,
    )
  const result = compute(value, amount)
  if (typeof result === 'number' && isInteger(value) && isInteger(amount))
    throw new CommandError(
      'BadValue',
      `Failed to apply ${name} operations to current value (${safeNumberText(value)}) for document ${idText(place)}`,
    )
  return result
}

function safeNumberText(value: Int32 | bigint): string {
  return typeof value === 'bigint' ? `(NumberLong)${value}` : `(NumberInt)${value.value}`
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function numberOperand(operand: Value, message: string): NumberValue {
  if (isNumber(operand)) return operand
  throw new CommandError('TypeMismatch', message)
}

const BITWISE: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
}

function bitSteps(operand: Value): readonly ((value: Int32 | bigint) => Int32 | bigint)[] {
  if (!(operand instanceof Map))
    throw new CommandError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    )
  if (operand.size === 0)
    throw new CommandError(
      'BadValue',
      'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}',
    )
  return [...operand].map(([name, mask]) => bitStep(name, mask))
}

function bitStep(name: string, mask: Value): (value: Int32 | bigint) => Int32 | bigint {
  const operation = Object.hasOwn(BITWISE, name) ? BITWISE[name] : undefined
  if (operation === undefined)
    throw new CommandError(
      'BadValue',
      `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${textOf(mask)}}`,
    )
  if (!isInteger(mask))
    throw new CommandError(
      'BadValue',
      `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported here: {${name}: ${textOf(mask)}}`,
    )
  return value => {
    const result = operation(whole(value), whole(mask))
    return typeof value === 'bigint' || typeof mask === 'bigint' ? result : (narrowest(result) as Int32)
  }
}

function whole(value: Int32 | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(value.value)
}
