// Reads the specification of $densify and refuses malformed ones.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, type NumberValue, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues } from '../../values/values.ts'
import { type Unit, unitOf } from '../calendar/units.ts'
import { integerOf } from '../integer.ts'
import type { Result } from '../operator.ts'
import { parsePath } from '../path.ts'

export interface Densifying {
  readonly field: readonly string[]
  readonly partition: readonly (readonly string[])[]
  readonly step: NumberValue
  readonly unit: Unit | undefined
  readonly bounds: 'full' | 'partition' | readonly [Value, Value]
}

export function densifyingOf(specification: Value): Densifying {
  const given = documentWith(specification, '$densify', ['field', 'partitionByFields', 'range'])
  const range = documentWith(required(given, '$densify', 'range'), '$densify.range', ['step', 'unit', 'bounds'])
  const field = required(given, '$densify', 'field')
  if (typeof field !== 'string') throw wrongType('$densify.field', field, 'string')
  const partition = partitionIn(given.get('partitionByFields'))
  const unit = unitIn(range.get('unit'))
  const step = stepIn(required(range, '$densify.range', 'step'), unit)
  const bounds = boundsIn(required(range, '$densify.range', 'bounds'), step, unit)
  if (bounds === 'partition' && partition.length === 0) {
    throw new CommandError(
      5733408,
      "one may not specify the bounds as 'partition' without specifying a non-empty array of partitionByFields. You may have meant to specify 'full' bounds.",
    )
  }
  if (partition.some(names => names.join('.') === field)) {
    throw new CommandError(8993000, 'cannot densify a field that is also a partition field')
  }
  return { field: parsePath(field), partition, step, unit, bounds }
}

/** What the documents are sorted by: the partitions apart from each other, unless all are filled to the same ends. */
export function direction({ field, partition, bounds }: Densifying): Document {
  const paths = bounds === 'full' ? [field] : [...partition, field]
  return new Map(paths.map(names => [names.join('.'), 1]))
}

function documentWith(value: Value, name: string, known: readonly string[]): Document {
  if (!(value instanceof Map)) {
    if (name === '$densify')
      throw new CommandError(
        'FailedToParse',
        `The $densify stage specification must be an object, found ${typeName(value)}`,
      )
    throw wrongType(name, value, 'object')
  }
  for (const key of value.keys()) {
    if (!known.includes(key)) throw new CommandError(40415, `BSON field '${name}.${key}' is an unknown field.`)
  }
  return value
}

function required(given: Document, name: string, key: string): Value {
  const value = given.get(key)
  if (value !== undefined) return value
  throw new CommandError(40414, `BSON field '${name}.${key}' is missing but a required field`)
}

function wrongType(name: string, value: Value, expected: string): CommandError {
  return new CommandError(
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  )
}

function partitionIn(fields: Result): readonly (readonly string[])[] {
  if (fields === undefined) return []
  if (!Array.isArray(fields)) throw wrongType('$densify.partitionByFields', fields, 'array')
  return fields.map(field => {
    if (typeof field === 'string') return parsePath(field)
    throw wrongType('$densify.partitionByFields', field, 'string')
  })
}

function unitIn(unit: Result): Unit | undefined {
  if (unit === undefined) return undefined
  if (typeof unit === 'string') return unitOf(unit)
  throw wrongType('$densify.range.unit', unit, 'string')
}

function stepIn(step: Value, unit: Unit | undefined): NumberValue {
  if (!isNumber(step)) throw wrongType('$densify.range.step', step, 'number')
  if (!(toDouble(step) > 0))
    throw new CommandError(5733401, 'the step parameter in a range statement must be a strictly positive numeric value')
  if (unit && integerOf(step) === undefined) {
    throw new CommandError(
      6586400,
      'The step parameter in a range statement must be a whole number when densifying a date range',
    )
  }
  return step
}

function boundsIn(bounds: Value, step: NumberValue, unit: Unit | undefined): Densifying['bounds'] {
  if (typeof bounds === 'string') {
    if (bounds === 'full' || bounds === 'partition') return bounds
    throw new CommandError(5946802, "Bounds string must either be 'full' or 'partition'")
  }
  if (!Array.isArray(bounds))
    throw new CommandError(
      5733404,
      "The bounds in a range statement must be the string 'full', 'partition', or an ascending array of two numbers or two dates",
    )
  const [low, high] = bounds
  if (bounds.length !== 2 || low === undefined || high === undefined)
    throw new CommandError(5733403, 'a bounding array in a range statement must have exactly two elements')
  if (compareValues(low, high) > 0)
    throw new CommandError(5733402, 'A bounding array must be an ascending array of either two dates or two numbers')
  checkBounds(low, high, { step, unit })
  return [low, high]
}

function checkBounds(low: Value, high: Value, { step, unit }: { step: NumberValue; unit: Unit | undefined }): void {
  const bothKinds = 'A bounding array must contain either both dates or both numeric types'
  if (isNumber(low)) {
    if (unit) throw new CommandError(5733409, 'Numeric bounds may not have unit parameter')
    if (!isNumber(high)) throw new CommandError(5733406, bothKinds)
    if (typeName(low) !== typeName(high) || typeName(low) !== typeName(step))
      throw new CommandError(5876900, 'Upper bound, lower bound, and step must all have the same type')
  } else if (low instanceof Date) {
    if (!(high instanceof Date)) throw new CommandError(5733405, bothKinds)
    if (!unit) throw new CommandError(5733410, 'A bounding array of dates must specify a unit')
  } else throw new CommandError(5946800, 'Explicit bounds must be numeric or dates')
}
