// Checks the description of an index as a client gives it and turns it into what the planner works with.
import { Decimal128, Int32 } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileFilter } from '../match/filter.ts'
import { type Collation, collationOf } from '../values/collation.ts'
import { textOf } from '../values/text.ts'
import type { Direction } from './encode.ts'
import { cannot, checkKinds, hashedPath, isWildcard } from './index-kinds.ts'
import { checkPartialFilter } from './partial-filter.ts'

export interface IndexSpec {
  readonly name: string
  readonly key: readonly (readonly [path: string, direction: Direction])[]
  readonly unique: boolean
  /** takes no new duplicates, though old ones may be there */
  readonly prepareUnique: boolean
  readonly sparse: boolean
  readonly hidden: boolean
  /** the field that is hashed, which may hold no arrays */
  readonly hashed: string | undefined
  /** A wildcard index has keys of paths and values; a compound one is kept in the catalog, but holds no keys. */
  readonly wildcard: boolean
  readonly partial?: { readonly spec: Document; readonly filter: { matches(doc: Document): boolean } }
  readonly collation?: Collation
  readonly expireAfterSeconds?: number
  /** the path prefixes at which some document has an array */
  readonly multikey: readonly string[]
  /** some key was cut, so the order of keys is no longer that of values */
  readonly truncated: boolean
  readonly raw: Document
  /** of a wildcard index seen at one path: the whole index */
  readonly whole?: IndexSpec
}

/** Checks an entry of createIndexes and gives the index it describes, with no keys yet. */
export function indexSpecOf(raw: Document): IndexSpec {
  const key = keyOf(raw)
  checkName(raw, key)
  for (const name of raw.keys()) if (!KNOWN.has(name)) throw unknownField(raw, name)
  checkVersion(raw)
  checkKinds(raw, key)
  const seconds = secondsOf(raw, key)
  const partial = partialOf(raw)
  const collation = collationOf(raw.get('collation') as Document | undefined)
  return {
    name: raw.get('name') as string,
    key,
    unique: flag(raw, 'unique'),
    prepareUnique: flag(raw, 'prepareUnique'),
    sparse: flag(raw, 'sparse'),
    hidden: flag(raw, 'hidden'),
    hashed: hashedPath(raw),
    wildcard: key.some(([path]) => isWildcard(path)),
    ...(partial === undefined
      ? {}
      : { partial: { spec: partial, filter: compileFilter(partial, collation === undefined ? {} : { collation }) } }),
    ...(collation === undefined ? {} : { collation }),
    ...(seconds === undefined ? {} : { expireAfterSeconds: seconds }),
    multikey: [],
    truncated: false,
    raw,
  }
}

const KNOWN = new Set([
  'key',
  'name',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'v',
  'background',
  'ns',
  'storageEngine',
  'wildcardProjection',
  'prepareUnique',
  'dropDups',
  'clustered',
])

function keyOf(raw: Document): (readonly [string, Direction])[] {
  const key = raw.get('key')
  if (key === undefined)
    throw new CommandError(
      'FailedToParse',
      `Error in specification ${textOf(raw)}: the 'key' field is a required property of an index specification`,
    )
  if (!(key instanceof Map))
    throw new CommandError('TypeMismatch', `The field 'key' must be an object, but got ${textOf(key)}`)
  if (key.size === 0) throw cannot(raw, 'Index keys cannot be an empty object.')
  if (key.size > 32) throw cannot(raw, 'Index key pattern contains too many fields (max is 32)')
  return [...key].map(([path, value]) => [checkedPath(raw, path), directionOf(raw, value)] as const)
}

function checkedPath(raw: Document, path: string): string {
  if (path === '') throw cannot(raw, 'Index keys cannot be an empty field.')
  const parts = path.split('.')
  if (parts.includes('')) throw cannot(raw, 'Index keys cannot contain an empty field.')
  const dollar = parts.find(part => part.startsWith('$') && !['$**', '$id', '$ref', '$db'].includes(part))
  if (dollar !== undefined) throw cannot(raw, "Index key contains an illegal field name: field name starts with '$'.")
  return path
}

/** Any number but zero gives a direction by its sign; a hashed field is kept as an ascending one, which finds the same. */
function directionOf(raw: Document, value: Value): Direction {
  if (typeof value === 'string') return namedDirection(raw, value)
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : otherNumber(value)
  if (number === undefined)
    throw cannot(
      raw,
      `Values in v:2 index key pattern cannot be of type ${typeText(value)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    )
  if (number === 0 || Number.isNaN(number)) throw cannot(raw, 'Values in the index key pattern cannot be 0.')
  return number > 0 ? 1 : -1
}

function otherNumber(value: Value): number | undefined {
  if (value instanceof Int32) return value.value
  return value instanceof Decimal128 ? Number(value.toString()) : undefined
}

function typeText(value: Value): string {
  if (typeof value === 'boolean') return 'bool'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : 'object'
}

function namedDirection(raw: Document, name: string): Direction {
  if (name === 'hashed') return 1
  if (['text', '2d', '2dsphere', 'geoHaystack'].includes(name))
    throw new CommandError('NotImplemented', `the embedded database does not support ${name} indexes`)
  throw cannot(raw, `Unknown index plugin '${name}'`)
}

function checkVersion(raw: Document): void {
  const version = raw.get('v')
  if (version === undefined) return
  const number = typeof version === 'number' || typeof version === 'bigint' ? Number(version) : otherNumber(version)
  if (number === undefined)
    throw new CommandError('TypeMismatch', `The field 'v' must be a number, but got ${textOf(version)}`)
  if (number !== 1 && number !== 2)
    throw cannot(raw, `Invalid index specification ${textOf(raw)}; cannot create an index with v=${number}`)
}

function checkName(raw: Document, key: readonly (readonly [string, Direction])[]): void {
  const name = raw.get('name')
  if (name === undefined)
    throw new CommandError(
      'FailedToParse',
      `Error in specification ${textOf(raw)}: The 'name' field is a required property of an index specification`,
    )
  if (typeof name !== 'string')
    throw new CommandError('TypeMismatch', `The field 'name' must be a string, but got ${textOf(name)}`)
  if (name === '') throw cannot(raw, 'index name cannot be empty')
  if (name === '*') throw new CommandError('BadValue', `The index name '${name}' is not valid.`)
  if (!isIdKey(key)) return
  const odd = [...raw.keys()].find(
    field => !['key', 'name', 'v', 'ns', 'collation', 'background', 'unique'].includes(field),
  )
  if (odd !== undefined)
    throw new CommandError(
      'InvalidIndexSpecificationOption',
      `The field '${odd}' is not valid for an _id index specification. Specification: ${textOf(raw)}`,
    )
}

function isIdKey(key: readonly (readonly [string, Direction])[]): boolean {
  return key.length === 1 && key[0]![0] === '_id' && key[0]![1] === 1
}

function unknownField(raw: Document, name: string): CommandError {
  return new CommandError(
    'InvalidIndexSpecificationOption',
    `Error in specification ${textOf(raw)} :: caused by :: The field '${name}' is not valid for an index specification. Specification: ${textOf(raw)}`,
  )
}

function flag(raw: Document, name: string): boolean {
  const value = raw.get(name)
  if (value === undefined || typeof value === 'boolean') return value ?? false
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : otherNumber(value)
  if (number === undefined)
    throw new CommandError(
      'TypeMismatch',
      `Error in specification ${textOf(raw)} :: caused by :: The field '${name}' has value ${name}: ${textOf(value)}, which is not convertible to bool`,
    )
  return number !== 0
}

function secondsOf(raw: Document, key: readonly (readonly [string, Direction])[]): number | undefined {
  const value = raw.get('expireAfterSeconds')
  if (value === undefined) return undefined
  const seconds = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : otherNumber(value)
  if (seconds === undefined)
    throw cannot(
      raw,
      `TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeText(value)}'`,
    )
  if (seconds < 0) throw cannot(raw, "TTL index 'expireAfterSeconds' option cannot be less than 0")
  if (seconds > 2147483647)
    throw cannot(raw, "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different value")
  if (key.length > 1) throw cannot(raw, 'TTL indexes are single-field indexes, compound indexes do not support TTL')
  return seconds
}

function partialOf(raw: Document): Document | undefined {
  const spec = raw.get('partialFilterExpression')
  if (spec === undefined) return undefined
  if (!(spec instanceof Map))
    throw new CommandError(
      'TypeMismatch',
      `The field 'partialFilterExpression' must be an object, but got ${textOf(spec)}`,
    )
  if (raw.get('sparse') === true) throw cannot(raw, 'cannot mix "partialFilterExpression" and "sparse" options')
  compileFilter(spec)
  checkPartialFilter(spec)
  return spec
}
