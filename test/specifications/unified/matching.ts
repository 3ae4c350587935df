// Compares what a server answered with what a unified test expects, operators such as $$exists included.
import { BSON, type Document } from 'mongodb'

/** What the operators that name an entity are resolved with. */
export interface KnownEntities {
  entity(id: string): unknown
  sessionId(id: string): unknown
}

interface Context {
  readonly entities: KnownEntities
  readonly path: string
  /** documents at the root may have more fields than expected */
  readonly root: boolean
}

/** Says where a value differs from what is expected; undefined when it matches. */
export function mismatch(actual: unknown, expected: unknown, entities: KnownEntities): string | undefined {
  return compare(actual, expected, { entities, path: '', root: true })
}

function compare(actual: unknown, expected: unknown, context: Context): string | undefined {
  const operator = operatorOf(expected)
  if (operator !== undefined) return compareOperator(actual, operator, context)
  if (Array.isArray(expected)) return compareArrays(actual, expected, context)
  if (isPlain(expected)) return compareDocuments(plainOf(actual), expected, context)
  return compareScalars(actual, expected, context)
}

function operatorOf(expected: unknown): readonly [name: string, operand: unknown] | undefined {
  if (!isPlain(expected)) return undefined
  const [entry, ...others] = Object.entries(expected)
  return entry?.[0].startsWith('$$') && others.length === 0 ? entry : undefined
}

function isPlain(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** The driver keeps some documents as Maps, and results as objects of classes. */
function plainOf(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  if (typeof value !== 'object' || value === null || '_bsontype' in value || value instanceof Date) return value
  return Array.isArray(value) ? value : { ...value }
}

function compareOperator(
  actual: unknown,
  [name, operand]: readonly [string, unknown],
  context: Context,
): string | undefined {
  const { path, entities } = context
  switch (name) {
    case '$$exists':
      return (actual !== undefined) === operand ? undefined : `${path} ${operand ? 'is missing' : 'is there'}`
    case '$$unsetOrMatches':
      return actual === undefined || actual === null ? undefined : compare(actual, operand, context)
    case '$$type':
      return [operand].flat().includes(typeOf(actual)) || [operand].flat().some(type => isOfType(actual, type))
        ? undefined
        : `${path} is no ${operand}`
    case '$$matchesEntity':
      return compare(actual, entities.entity(operand as string), context)
    case '$$sessionLsid':
      return compare(actual, entities.sessionId(operand as string), context)
    case '$$matchesHexBytes':
      return Buffer.from(actual as Uint8Array).toString('hex') === operand ? undefined : `${path} has other bytes`
    case '$$lte':
      return Number(actual) <= Number(operand) ? undefined : `${path} is more than ${operand}`
    default:
      throw new TypeError(`the runner does not know the operator ${name}`)
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'date'
  const tag = (value as { _bsontype?: string })._bsontype
  if (tag !== undefined) return tag === 'ObjectId' ? 'objectId' : tag === 'Binary' ? 'binData' : tag.toLowerCase()
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** The driver reads int, long and double as one type of number. */
function isOfType(value: unknown, type: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint')
    return ['int', 'long', 'double', 'number'].includes(type as string)
  return typeOf(value) === 'int32' ? type === 'int' : false
}

function compareArrays(actual: unknown, expected: readonly unknown[], context: Context): string | undefined {
  if (!Array.isArray(actual)) return `${context.path} is no array: ${textOf(actual)}`
  if (actual.length !== expected.length)
    return `${context.path} has ${actual.length} items instead of ${expected.length}: ${textOf(actual)}`
  for (const [i, item] of expected.entries()) {
    const wrong = compare(actual[i], item, { ...context, path: `${context.path}[${i}]` })
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function compareDocuments(actual: unknown, expected: Document, context: Context): string | undefined {
  if (!isPlain(actual)) return `${context.path} is no document: ${textOf(actual)}`
  for (const [name, value] of Object.entries(expected)) {
    const path = context.path === '' ? name : `${context.path}.${name}`
    const operator = operatorOf(value)?.[0]
    if (actual[name] === undefined && operator !== '$$exists' && operator !== '$$unsetOrMatches')
      return `${path} is missing in ${textOf(actual)}`
    const wrong = compare(actual[name], value, { ...context, path, root: false })
    if (wrong !== undefined) return wrong
  }
  const more = context.root
    ? undefined
    : Object.keys(actual).find(name => actual[name] !== undefined && !(name in expected))
  return more === undefined ? undefined : `${context.path} has a field ${more} too many`
}

function compareScalars(actual: unknown, expected: unknown, { path }: Context): string | undefined {
  const [a, b] = [actual, expected].map(numberOf)
  const same =
    a !== undefined && b !== undefined
      ? a === b
      : BSON.EJSON.stringify({ v: actual }) === BSON.EJSON.stringify({ v: expected })
  return same ? undefined : `${path} is ${textOf(actual)} instead of ${textOf(expected)}`
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  const tag = (value as { _bsontype?: string } | null | undefined)?._bsontype
  return tag === 'Int32' || tag === 'Double' || tag === 'Long' ? Number(value) : undefined
}

function textOf(value: unknown): string {
  return value === undefined ? 'undefined' : BSON.EJSON.stringify(value).slice(0, 300)
}
