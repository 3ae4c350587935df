// The values of a filter: text becomes the type that the field stores, what cannot be asked for is refused.
import { Binary, Decimal128, UUID } from 'mongodb'
import { InvalidFilter } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import type { FieldKind } from './field-kind.ts'
import { isDecimalText } from './marks.ts'
import { momentOf } from './moment.ts'
import { isHiddenAt } from './path.ts'
import { keyIn, keyKind, objectIdOf } from './ref.ts'
import { faultIn, unaskable } from './storable.ts'

/** Turns text into the type of the field; refuses what cannot be one. */
export function filterValue(
  definition: ModelDefinition,
  field: Field | undefined,
  path: string,
  value: unknown,
): unknown {
  refuseUnaskable(definition, value, path)
  if (value === null) return value
  if (field?.element) {
    const { element } = field
    return Array.isArray(value)
      ? value.map(item => filterValue(definition, element, path, item))
      : filterValue(definition, element, path, value)
  }
  const kind = kindOf(field, path)
  if (value instanceof RegExp) return refuseNoText(definition, field, path) ?? value
  const mark = field?.ref ?? (path === '_id' && !field ? { by: '_id' } : undefined)
  const given = mark ? (keyIn(value, mark) ?? mistyped(definition, path, value, 'an id')) : value
  return (kind && converters[kind]?.(given, () => mistyped(definition, path, given, kind))) ?? given
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

/** Refuses a regular expression on a field that holds no text: it would find nothing. */
export function refuseNoText(definition: ModelDefinition, field: Field | undefined, path: string): undefined {
  const kind = kindOf(field, path)
  if (kind === undefined || kind === 'string' || kind === 'mixed') return
  throw new InvalidFilter({
    model: definition.name,
    reason: `"${path}" is ${kind}, and regular expressions look at text`,
    hint: 'compare it with values of its type',
  })
}

/** Gives the type of the values at a path, of the elements in lists and of the keys that references store. */
function kindOf(field: Field | undefined, path: string): FieldKind | undefined {
  if (field?.element) return kindOf(field.element, path)
  if (field?.ref) return keyKind(field.ref)
  return path === '_id' && !field ? 'objectId' : field?.kind
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
    const whole = typeof value === 'string' ? wholeOf(value) : value
    if (whole === undefined || typeof whole === 'boolean' || unaskable(whole)) return refuse()
    // Beyond 2^53 the number given is not the one that was meant.
    return Number.isInteger(whole) && !Number.isSafeInteger(whole) ? refuse() : whole
  },
  decimal: (value, refuse) => (typeof value === 'object' ? value : (decimalOf(value) ?? refuse())),
  uuid: (value, refuse) =>
    typeof value === 'string' && UUID.isValid(value) ? new UUID(value) : isBson(value) ? value : refuse(),
  binary: (value, refuse) => (value instanceof Uint8Array ? new Binary(value) : isBson(value) ? value : refuse()),
  boolean: (value, refuse) =>
    value === 'true' ? true : value === 'false' ? false : typeof value === 'boolean' ? value : refuse(),
  string: (value, refuse) => (typeof value === 'string' ? value : refuse()),
}

function wholeOf(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined
}

function decimalOf(value: unknown): Decimal128 | undefined {
  if (typeof value !== 'bigint' && typeof value !== 'number' && !isDecimalText(value)) return undefined
  try {
    return Decimal128.fromString(String(value).trim())
  } catch {
    return undefined
  }
}

function isBson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('_bsontype' in value || value instanceof Date)
}

function mistyped(definition: ModelDefinition, path: string, value: unknown, kind: string): never {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  const shown = isHiddenAt(definition, path) ? 'the value given' : text
  throw new InvalidFilter({
    model: definition.name,
    reason: `"${path}" is ${kind}, ${shown} is not`,
    hint: hints[kind] ?? 'give a value of that type',
  })
}

const hints: Readonly<Record<string, string>> = {
  date: 'write it as 2026-01-31 or 2026-01-31T12:00:00Z',
  objectId: 'give the 24 hex digits of an id',
}
