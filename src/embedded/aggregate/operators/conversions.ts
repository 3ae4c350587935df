// Converts values: $convert with onError and onNull, and the $to… operators.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { TYPE_NUMBERS, type TypeName, typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { convertTo } from '../conversion.ts'
import { integerOf } from '../integer.ts'
import {
  isNullish,
  type Node,
  nodeOver,
  type Operator,
  type OperatorTable,
  type Result,
  type Scope,
  unary,
} from '../operator.ts'

export const conversions: OperatorTable = {
  $convert: compileConvert,
  $toBool: converter('bool'),
  $toDate: converter('date'),
  $toDecimal: converter('decimal'),
  $toDouble: converter('double'),
  $toInt: converter('int'),
  $toLong: converter('long'),
  $toObjectId: converter('objectId'),
  $toString: converter('string'),
  $toUUID: converter('binData'),
}

function converter(type: TypeName): Operator {
  return unary(value => (isNullish(value) ? null : convertTo(type, value)))
}

function compileConvert(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'to'],
    optional: ['onError', 'onNull'],
    notDocument: 'FailedToParse',
    unknown: 'FailedToParse',
    missing: 'FailedToParse',
  })
  const input = scope.compile(given.get('input')!)
  const to = scope.compile(given.get('to')!)
  const onError = given.has('onError') ? scope.compile(given.get('onError')!) : undefined
  const onNull = given.has('onNull') ? scope.compile(given.get('onNull')!) : undefined
  const nodes = [input, to, onError, onNull].filter(node => node !== undefined)
  return nodeOver(nodes, (root, variables) => {
    const value = input.evaluate(root, variables)
    const type = targetType(to.evaluate(root, variables))
    if (isNullish(value)) return onNull ? onNull.evaluate(root, variables) : null
    if (type === null) return null
    try {
      return convertTo(type, value)
    } catch (error) {
      const failed = error instanceof CommandError && error.codeName === 'ConversionFailure'
      if (failed && onError) return onError.evaluate(root, variables)
      throw error
    }
  })
}

function targetType(to: Result): TypeName | null {
  if (isNullish(to)) return null
  const type = to instanceof Map ? to.get('type') : to
  if (typeof type === 'string') {
    if (Object.hasOwn(TYPE_NUMBERS, type)) return type as TypeName
    throw new CommandError('BadValue', `Unknown type name: ${type}`)
  }
  const number = integerOf(type)
  if (number === undefined) {
    throw new CommandError(
      'FailedToParse',
      `$convert's 'to' argument must be a string or number, but is ${typeName(type)}`,
    )
  }
  // 0 ends a document: it counts as a type, but nothing converts to it
  if (number === 0) return 'undefined'
  for (const [name, known] of Object.entries(TYPE_NUMBERS)) if (known === number) return name as TypeName
  throw new CommandError(
    'FailedToParse',
    `In $convert, numeric value for 'to' does not correspond to a BSON type: ${number}`,
  )
}
