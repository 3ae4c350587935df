// Checks a filter against a model and turns its text into the types that are stored.
import { ObjectId } from 'mongodb'
import { InvalidFilter, UnknownPath } from '../errors.ts'
import { dateFrom } from './date-text.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { suggestion } from './nearest.ts'
import { findPath, isHiddenAt, pathNames } from './path.ts'
import { idOf, refKey } from './ref.ts'

const operators = new Set(
  (
    '$eq $ne $gt $gte $lt $lte $in $nin $exists $type $regex $options $all $elemMatch $size $mod $not $bitsAllClear $bitsAllSet ' +
    '$bitsAnyClear $bitsAnySet $geoWithin $geoIntersects $near $nearSphere $maxDistance $minDistance $jsonSchema'
  ).split(' '),
)
const logical = new Set(['$and', '$or', '$nor'])
const whole = new Set([
  '$expr',
  '$text',
  '$comment',
  '$jsonSchema',
  '$where',
  '$sampleRate',
  '$alwaysTrue',
  '$alwaysFalse',
])
const unconverted = new Set([
  '$exists',
  '$type',
  '$regex',
  '$options',
  '$size',
  '$mod',
  '$geoWithin',
  '$geoIntersects',
  '$near',
  '$nearSphere',
  '$maxDistance',
  '$minDistance',
])

/** A filter as it is sent. */
export type SentFilter = Record<string, unknown>

/** Checks a filter and gives what is sent. Throws `UnknownPath` or `InvalidFilter`. */
export function checkFilter(definition: ModelDefinition, filter: unknown): SentFilter {
  if (
    typeof filter !== 'object' ||
    filter === null ||
    Array.isArray(filter) ||
    filter instanceof Date ||
    '_bsontype' in filter
  )
    throw invalid(
      definition,
      `expected an object, got ${filter === null ? 'null' : Array.isArray(filter) ? 'a list' : typeof filter}`,
      'write { path: value }',
    )
  return Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, checkEntry(definition, key, value)]))
}

function checkEntry(definition: ModelDefinition, key: string, value: unknown): unknown {
  if (value === undefined) throw undefinedAt(definition, key)
  if (logical.has(key)) {
    if (!Array.isArray(value) || value.length === 0)
      throw invalid(definition, `${key} needs a list of filters`, `write { ${key}: [{ … }, { … }] }`)
    return value.map(part => checkFilter(definition, part))
  }
  if (key.startsWith('$')) {
    if (!whole.has(key)) throw unknownOperator(definition, key, [...logical, ...whole])
    return refuseUndefined(definition, value, key)
  }
  return checkCondition(definition, fieldAt(definition, key), key, value)
}

function fieldAt(definition: ModelDefinition, path: string): Field | undefined {
  const found = findPath(definition, path)
  if (found.known) return found.field
  throw new UnknownPath({ model: definition.name, path, nearest: suggestion(path, pathNames(definition)) })
}

function checkCondition(definition: ModelDefinition, field: Field | undefined, path: string, value: unknown): unknown {
  if (!isOperators(value)) return convert(definition, field, path, value)
  return Object.fromEntries(
    Object.entries(value).map(([operator, operand]) => {
      if (!operators.has(operator)) throw unknownOperator(definition, operator, operators, path)
      if (operand === undefined) throw undefinedAt(definition, `${path}.${operator}`)
      return [operator, checkOperand(definition, field, path, operator, operand)]
    }),
  )
}

function checkOperand(
  definition: ModelDefinition,
  field: Field | undefined,
  path: string,
  operator: string,
  operand: unknown,
): unknown {
  if (unconverted.has(operator)) return refuseUndefined(definition, operand, path)
  if (operator === '$not') return operand instanceof RegExp ? operand : checkCondition(definition, field, path, operand)
  if (operator === '$elemMatch') return checkElement(definition, field, path, operand)
  if (operator === '$in' || operator === '$nin' || operator === '$all') {
    if (!Array.isArray(operand))
      throw invalid(definition, `${operator} of "${path}" needs a list`, `write { ${path}: { ${operator}: [ … ] } }`)
    return operand.map(item => checkCondition(definition, field, path, item))
  }
  return convert(definition, field, path, operand)
}

function checkElement(definition: ModelDefinition, field: Field | undefined, path: string, operand: unknown): unknown {
  const element = field?.element
  if (isOperators(operand)) return checkCondition(definition, element, path, operand)
  if (!isPlain(operand))
    throw invalid(definition, `$elemMatch of "${path}" needs a filter`, `write { ${path}: { $elemMatch: { … } } }`)
  return Object.fromEntries(
    Object.entries(operand).map(([key, value]) => {
      if (value === undefined) throw undefinedAt(definition, `${path}.${key}`)
      if (!key.startsWith('$'))
        return [key, checkCondition(definition, fieldAt(definition, `${path}.${key}`), `${path}.${key}`, value)]
      return [key, refuseUndefined(definition, value, path)]
    }),
  )
}

/** Writes a filter for an error, without the values of secret and encrypted fields. */
export function shownFilter(definition: ModelDefinition, filter: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(shown(definition, filter))
}

function shown(definition: ModelDefinition, filter: Readonly<Record<string, unknown>>): unknown {
  const entries = Object.entries(filter).map(([key, value]) => {
    if (logical.has(key))
      return [key, (value as Readonly<Record<string, unknown>>[]).map(part => shown(definition, part))]
    return [key, isHiddenAt(definition, key) ? '(hidden)' : value]
  })
  return Object.fromEntries(entries)
}

/** Turns text into the type of the field; refuses what cannot be one. */
function convert(definition: ModelDefinition, field: Field | undefined, path: string, value: unknown): unknown {
  refuseUndefined(definition, value, path)
  if (value === null || value instanceof RegExp) return value
  if (field?.element && !Array.isArray(value)) return convert(definition, field.element, path, value)
  if (field?.element && Array.isArray(value)) return value.map(item => convert(definition, field.element, path, item))
  if (field?.ref) return refKey(convertKey(field, value), field.ref) ?? mistyped(definition, path, value, 'an id')
  if (path === '_id' && !field)
    return isPlain(value) || typeof value === 'object' ? (refKey(value, idMark) ?? value) : idOf(value)
  if (!field) return value
  return converters[field.kind]?.(value, () => mistyped(definition, path, value, field.kind)) ?? value
}

// A reference by key takes text for a number, as the target's own field does.
function convertKey(field: Field, value: unknown): unknown {
  if (!field.ref || field.ref.by === '_id' || typeof value !== 'string') return value
  return value
}

const idMark = { target: () => ({}) as never, by: '_id' }

type Converter = (value: unknown, refuse: () => never) => unknown

const converters: Partial<Record<Field['kind'], Converter>> = {
  objectId: (value, refuse) =>
    value instanceof ObjectId
      ? value
      : typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)
        ? new ObjectId(value)
        : refuse(),
  date: (value, refuse) => {
    if (value instanceof Date || (typeof value === 'object' && value !== null)) return value
    if (typeof value === 'string') return dateFrom(value) ?? refuse()
    const date = typeof value === 'number' ? new Date(value) : undefined
    return date && !Number.isNaN(date.getTime()) ? date : refuse()
  },
  number: (value, refuse) => {
    if (typeof value !== 'string') return typeof value === 'boolean' ? refuse() : value
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse()
  },
  long: (value, refuse) => {
    if (typeof value !== 'string') return value
    return /^[+-]?\d+$/.test(value) ? BigInt(value) : refuse()
  },
  boolean: (value, refuse) =>
    value === 'true' ? true : value === 'false' ? false : typeof value === 'boolean' ? value : refuse(),
  string: (value, refuse) => (typeof value === 'string' ? value : refuse()),
}

function mistyped(definition: ModelDefinition, path: string, value: unknown, kind: string): never {
  throw invalid(
    definition,
    `"${path}" is ${kind}, ${isHiddenAt(definition, path) ? 'the value given' : (JSON.stringify(value) ?? typeof value)} is not`,
    'give a value of that type',
  )
}

function refuseUndefined(definition: ModelDefinition, value: unknown, path: string): unknown {
  if (value === undefined) throw undefinedAt(definition, path)
  if (Array.isArray(value)) for (const item of value) refuseUndefined(definition, item, path)
  else if (isPlain(value))
    for (const [key, item] of Object.entries(value)) refuseUndefined(definition, item, `${path}.${key}`)
  return value
}

function isOperators(value: unknown): value is Record<string, unknown> {
  return isPlain(value) && Object.keys(value).some(key => key.startsWith('$'))
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function undefinedAt(definition: ModelDefinition, path: string): InvalidFilter {
  return invalid(definition, `"${path}" is undefined`, 'give it a value, or leave the path out')
}

function unknownOperator(
  definition: ModelDefinition,
  operator: string,
  known: Iterable<string>,
  path?: string,
): InvalidFilter {
  return invalid(
    definition,
    `there is no operator ${operator}${path ? ` (on "${path}")` : ''}`,
    suggestion(operator, known),
  )
}

function invalid(definition: ModelDefinition, reason: string, hint: string): InvalidFilter {
  return new InvalidFilter({ model: definition.name, reason, hint })
}
