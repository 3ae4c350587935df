// Checks a filter against a model and turns its text into the types that are stored.
import { InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { filterValue, refuseNoText, refuseUnaskable } from './filter-value.ts'
import { suggestion } from './nearest.ts'
import { findPath, isHiddenAt, unknownPath } from './path.ts'
import { isOperators, isPlain } from './plain.ts'

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
  if (!isFilter(filter)) throw invalid(definition, `expected an object, got ${nameOf(filter)}`, 'write { path: value }')
  return Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, checkEntry(definition, key, value)]))
}

// A map has no properties: it would be an empty filter, which finds everything.
function isFilter(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Date || '_bsontype' in value) return false
  return isPlain(value) || (!(Symbol.iterator in value) && Object.keys(value).length > 0)
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  const name = typeof value === 'object' && value !== null && !isPlain(value) ? value.constructor?.name : undefined
  return name === undefined || name === 'Object' ? (value === null ? 'null' : typeof value) : `a ${name}`
}

function checkEntry(definition: ModelDefinition, key: string, value: unknown): unknown {
  if (value === undefined) throw undefinedAt(definition, key)
  if (logical.has(key)) {
    return listed(definition, key, value).map(part => checkFilter(definition, part))
  }
  if (key.startsWith('$')) {
    if (!whole.has(key)) throw unknownOperator(definition, key, [...logical, ...whole])
    return refuseUnaskable(definition, value, key)
  }
  return checkCondition(definition, fieldAt(definition, key), key, value)
}

function listed(definition: ModelDefinition, key: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  throw invalid(definition, `${key} needs a list of filters`, `write { ${key}: [{ … }, { … }] }`)
}

function fieldAt(definition: ModelDefinition, path: string): Field | undefined {
  const found = findPath(definition, path)
  if (found.known) return found.field
  throw unknownPath(definition, path)
}

function checkCondition(definition: ModelDefinition, field: Field | undefined, path: string, value: unknown): unknown {
  if (!isOperators(value)) return filterValue(definition, field, path, value)
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
  if (operator === '$regex') refuseNoText(definition, field, path)
  if (unconverted.has(operator)) return refuseUnaskable(definition, operand, path)
  if (operator === '$not') return checkCondition(definition, field, path, operand)
  if (operator === '$elemMatch') return checkElement(definition, field, path, operand)
  if (operator === '$in' || operator === '$nin' || operator === '$all') {
    if (!Array.isArray(operand))
      throw invalid(definition, `${operator} of "${path}" needs a list`, `write { ${path}: { ${operator}: [ … ] } }`)
    return operand.map(item => checkCondition(definition, field, path, item))
  }
  return filterValue(definition, field, path, operand)
}

// A filter on the parts of an element, or conditions on the element itself.
function checkElement(definition: ModelDefinition, field: Field | undefined, path: string, operand: unknown): unknown {
  if (!isPlain(operand))
    throw invalid(definition, `$elemMatch of "${path}" needs a filter`, `write { ${path}: { $elemMatch: { … } } }`)
  const ofItself = Object.entries(operand).filter(([key]) => key.startsWith('$') && !logical.has(key))
  const checked = {
    ...operand,
    ...(checkCondition(definition, field?.element, path, Object.fromEntries(ofItself)) as object),
  }
  return Object.fromEntries(
    Object.entries(checked).map(([key, value]) => {
      if (logical.has(key))
        return [key, listed(definition, key, value).map(part => checkElement(definition, field, path, part))]
      if (key.startsWith('$')) return [key, value]
      return [key, checkEntry(definition, `${path}.${key}`, value)]
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
