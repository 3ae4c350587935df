// Compiles $type: the types it names, by alias or by number.
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { integerOf, isNumber, toDouble } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { TYPE_NUMBERS, typeName } from '../values/type-names.ts'
import type { Test } from './path.ts'

/** Tests whether a value has one of the types. */
export function typeTest(operand: Value): Test {
  const names = typeNames(operand)
  return value => names.has(typeName(value))
}

/** Reads the operand of $type or bsonType into the names of types; `number` stands for four. */
export function typeNames(operand: Value): ReadonlySet<string> {
  const listed = Array.isArray(operand) ? operand : [operand]
  if (listed.length === 0) throw new CommandError('FailedToParse', '$type must match at least one type')
  return new Set(listed.flatMap(namesOf))
}

const NAMES = new Map<number, string>(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name]))

function namesOf(type: Value): readonly string[] {
  if (typeof type === 'string') {
    if (type === 'number') return ['int', 'long', 'double', 'decimal']
    if (Object.hasOwn(TYPE_NUMBERS, type)) return [type]
    throw new CommandError('BadValue', `Unknown type name alias: ${type}`)
  }
  if (!isNumber(type)) throw new CommandError('TypeMismatch', 'type must be represented as a number or a string')
  const name = NAMES.get(Number(integerOf(type) ?? Number.NaN))
  if (name === undefined)
    throw new CommandError(
      'BadValue',
      `Invalid numerical type code: ${textOf(type)}${toDouble(type) === 0 ? '. Instead use {$exists:false}.' : ''}`,
    )
  return [name]
}
