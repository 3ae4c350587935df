// Converts values: $convert with onError and onNull, and the $to… operators.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { TYPE_NUMBERS, type TypeName, typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { BINARY_FORMATS, type BinaryFormat, UUID_SUBTYPE } from '../binary-text.ts'
import { type BinaryOptions, convertTo } from '../conversion.ts'
import { hashedKey } from '../hashed-key.ts'
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

/** What the short operators take for text of binary data. */
const PLAIN: BinaryOptions = { subtype: 0, format: 'auto' }

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
  $toHashedIndexKey: unary(hashedKey),
  $toUUID: converter('binData', { subtype: UUID_SUBTYPE, format: 'uuid' }),
}

function converter(type: TypeName, binary: BinaryOptions = PLAIN): Operator {
  return unary(value => (isNullish(value) ? null : convertTo(type, value, binary)))
}

function compileConvert(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'to'],
    optional: ['format', 'onError', 'onNull'],
    notDocument: 'FailedToParse',
    unknown: 'FailedToParse',
    missing: 'FailedToParse',
  })
  const input = scope.compile(given.get('input')!)
  const to = scope.compile(given.get('to')!)
  const format = given.has('format') ? scope.compile(given.get('format')!) : undefined
  const onError = given.has('onError') ? scope.compile(given.get('onError')!) : undefined
  const onNull = given.has('onNull') ? scope.compile(given.get('onNull')!) : undefined
  const nodes = [input, to, format, onError, onNull].filter(node => node !== undefined)
  return nodeOver(nodes, (root, variables) => {
    const value = input.evaluate(root, variables)
    const target = to.evaluate(root, variables)
    const type = targetType(target)
    const binary = { subtype: subtypeOf(target), format: formatOf(format?.evaluate(root, variables)) }
    if (isNullish(value)) return onNull ? onNull.evaluate(root, variables) : null
    if (type === null) return null
    try {
      return convertTo(type, value, binary)
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

function formatOf(format: Result): BinaryFormat | undefined {
  if (isNullish(format)) return undefined
  if (typeof format !== 'string')
    throw new CommandError(4341114, `$convert requires that 'format' is a string, found: ${typeName(format)}`)
  const known = BINARY_FORMATS.find(name => name === format)
  if (known === undefined) throw new CommandError(4341125, `Invalid 'format' argument for $convert: ${format}`)
  return known
}

const LAST_NAMED_SUBTYPE = 8
const FIRST_USER_SUBTYPE = 128

function subtypeOf(target: Result): number {
  const given = target instanceof Map ? target.get('subtype') : undefined
  if (isNullish(given)) return 0
  const subtype = integerOf(given)
  if (subtype === undefined)
    throw new CommandError(4341108, `In $convert, the subtype must be a whole number, found: ${typeName(given)}`)
  if (subtype < 0 || subtype > 255 || (subtype > LAST_NAMED_SUBTYPE && subtype < FIRST_USER_SUBTYPE))
    throw new CommandError(4341107, `In $convert, numeric value for 'subtype' does not correspond to one: ${subtype}`)
  return subtype
}
