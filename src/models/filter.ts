// Checks a filter against a model and turns its text into the types that are stored.
import { Binary, Decimal128, UUID } from 'mongodb'
import { InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import type { FieldKind } from './field-kind.ts'
import { momentOf } from './moment.ts'
import { suggestion } from './nearest.ts'
import { findPath, isHiddenAt, unknownPath } from './path.ts'
import { keyIn, keyKind, objectIdOf } from './ref.ts'

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
  throw unknownPath(definition, path)
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
  if (operator === '$regex' && !isText(kindOf(field, path))) return noText(definition, path, kindOf(field, path))
  if (unconverted.has(operator)) return refuseUndefined(definition, operand, path)
  if (operator === '$not') return checkCondition(definition, field, path, operand)
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
  if (value === null) return value
  if (field?.element && !Array.isArray(value)) return convert(definition, field.element, path, value)
  if (field?.element && Array.isArray(value)) return value.map(item => convert(definition, field.element, path, item))
  const kind = kindOf(field, path)
  if (value instanceof RegExp) return isText(kind) ? value : noText(definition, path, kind)
  const mark = field?.ref ?? (path === '_id' && !field ? { by: '_id' } : undefined)
  const given = mark ? (keyIn(value, mark) ?? mistyped(definition, path, value, 'an id')) : value
  return kind === undefined ? given : converted(kind, given, { definition, path })
}

/** Gives the type of the values at a path, of the elements in lists and of the keys that references store. */
function kindOf(field: Field | undefined, path: string): FieldKind | undefined {
  if (field?.element) return kindOf(field.element, path)
  if (field?.ref) return keyKind(field.ref)
  return path === '_id' && !field ? 'objectId' : field?.kind
}

interface Place {
  readonly definition: ModelDefinition
  readonly path: string
}

function converted(kind: FieldKind, value: unknown, { definition, path }: Place): unknown {
  return converters[kind]?.(value, () => mistyped(definition, path, value, kind)) ?? value
}

type Converter = (value: unknown, refuse: () => never) => unknown

// A value of another BSON type is asked for on purpose: to find what does not fit.
const converters: Partial<Record<FieldKind, Converter>> = {
  objectId: (value, refuse) => objectIdOf(value) ?? (isBson(value) ? value : refuse()),
  date: (value, refuse) => {
    if (value instanceof Date || (typeof value === 'object' && value !== null)) return value
    if (typeof value === 'string') return momentOf(value) ?? refuse()
    return typeof value === 'number' && !Number.isNaN(new Date(value).getTime()) ? new Date(value) : refuse()
  },
  number: (value, refuse) => {
    if (typeof value !== 'string') return typeof value === 'boolean' ? refuse() : value
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse()
  },
  long: (value, refuse) => {
    if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? BigInt(value) : refuse()
    // Beyond 2^53 the number given is not the one that was meant.
    return typeof value === 'boolean' || (Number.isInteger(value) && !Number.isSafeInteger(value)) ? refuse() : value
  },
  decimal: (value, refuse) => {
    if (typeof value === 'boolean') return refuse()
    return typeof value === 'string' || typeof value === 'number' ? (decimalOf(value) ?? refuse()) : value
  },
  uuid: (value, refuse) =>
    typeof value === 'string' && UUID.isValid(value) ? new UUID(value) : isBson(value) ? value : refuse(),
  binary: (value, refuse) => (value instanceof Uint8Array ? new Binary(value) : isBson(value) ? value : refuse()),
  boolean: (value, refuse) =>
    value === 'true' ? true : value === 'false' ? false : typeof value === 'boolean' ? value : refuse(),
  string: (value, refuse) => (typeof value === 'string' ? value : refuse()),
}

function decimalOf(value: string | number): Decimal128 | undefined {
  try {
    return Decimal128.fromString(String(value).trim())
  } catch {
    return undefined
  }
}

function isBson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('_bsontype' in value || value instanceof Date)
}

/** Says whether values of a kind may be text, which regular expressions look at. */
function isText(kind: FieldKind | undefined): boolean {
  return kind === undefined || kind === 'string' || kind === 'mixed'
}

function noText(definition: ModelDefinition, path: string, kind: FieldKind | undefined): never {
  throw invalid(
    definition,
    `"${path}" is ${kind}, and regular expressions look at text`,
    'compare it with values of its type',
  )
}

function mistyped(definition: ModelDefinition, path: string, value: unknown, kind: string): never {
  throw invalid(
    definition,
    `"${path}" is ${kind}, ${isHiddenAt(definition, path) ? 'the value given' : (JSON.stringify(value) ?? typeof value)} is not`,
    hints[kind] ?? 'give a value of that type',
  )
}

const hints: Readonly<Record<string, string>> = {
  date: 'write it as 2026-01-31 or 2026-01-31T12:00:00Z',
  objectId: 'give the 24 hex digits of an id',
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
