// The values of a filter: text becomes the type that the field stores, what cannot be asked for is refused.
import { Decimal128, ObjectId, UUID } from 'mongodb'
import { InvalidFilter } from '../errors.ts'
import { dateFrom } from './date-text.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { isDecimalText } from './marks.ts'
import { isHiddenAt } from './path.ts'
import { isObjectId, isPlain } from './plain.ts'
import { givenKey, hexId, idOf, refKey } from './ref.ts'
import { faultIn, unaskable } from './storable.ts'

/** Turns text into the type of the field; refuses what cannot be one. */
export function filterValue(
  definition: ModelDefinition,
  field: Field | undefined,
  path: string,
  value: unknown,
): unknown {
  refuseUnaskable(definition, value, path)
  if (value === null || value instanceof RegExp) return value
  if (field?.element) {
    const { element } = field
    return Array.isArray(value)
      ? value.map(item => filterValue(definition, element, path, item))
      : filterValue(definition, element, path, value)
  }
  if (field?.ref) return filterKey(definition, field, path, value)
  if (!field) return path === '_id' ? filterId(value) : value
  return converters[field.kind]?.(value, () => mistyped(definition, path, value, field.kind)) ?? value
}

/** Refuses what the driver would leave out of a filter, so that it would find everything, or ask for something else. */
export function refuseUnaskable(definition: ModelDefinition, value: unknown, path: string): unknown {
  const fault = faultIn(value, path, unaskable)
  if (fault)
    throw new InvalidFilter({
      model: definition.name,
      reason: `"${fault.path}" ${fault.reason}`,
      hint: 'give it a value, or leave the path out',
    })
  return value
}

// A key of another model is asked for in the type that its own field stores.
function filterKey(definition: ModelDefinition, field: Field, path: string, value: unknown): unknown {
  const mark = field.ref!
  const key = givenKey(value, mark)
  // References know little of their targets, which are models.
  const target = mark.target().definition as ModelDefinition | undefined
  const stored = target?.fieldByName.get(mark.by)
  if (key === undefined) return mistyped(definition, path, value, 'an id')
  if (stored) return filterValue(target!, stored, mark.by, key)
  if (mark.by !== '_id' || isObjectId(key) || isPlain(key)) return key
  return hexId(key) ?? mistyped(definition, path, value, 'an id')
}

function filterId(value: unknown): unknown {
  return typeof value === 'object' ? (refKey(value, idMark) ?? value) : idOf(value)
}

const idMark = { target: () => ({}) as never, by: '_id' }

type Converter = (value: unknown, refuse: () => never) => unknown

const converters: Partial<Record<Field['kind'], Converter>> = {
  objectId: (value, refuse) => (value instanceof ObjectId ? value : (hexId(value) ?? refuse())),
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
    const whole = /^[+-]?\d+$/.test(value) ? BigInt(value) : undefined
    return whole === undefined || unaskable(whole) ? refuse() : whole
  },
  decimal: (value, refuse) => {
    if (typeof value === 'object') return value
    return typeof value === 'number' || isDecimalText(value) ? Decimal128.fromString(String(value)) : refuse()
  },
  uuid: (value, refuse) => {
    if (typeof value === 'object') return value
    return typeof value === 'string' && UUID.isValid(value) ? new UUID(value) : refuse()
  },
  binary: (value, refuse) => (typeof value === 'object' ? value : refuse()),
  boolean: (value, refuse) =>
    value === 'true' ? true : value === 'false' ? false : typeof value === 'boolean' ? value : refuse(),
  string: (value, refuse) => (typeof value === 'string' ? value : refuse()),
}

function mistyped(definition: ModelDefinition, path: string, value: unknown, kind: string): never {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  const shown = isHiddenAt(definition, path) ? 'the value given' : text
  throw new InvalidFilter({
    model: definition.name,
    reason: `"${path}" is ${kind}, ${shown} is not`,
    hint: 'give a value of that type',
  })
}
