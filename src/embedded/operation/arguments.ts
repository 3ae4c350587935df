// Reads the fields of a command: checks names and types, and refuses what MongoDB refuses, with its codes.
import { Binary } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { type Collation, collationOf } from '../values/collation.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { typeName } from '../values/type-names.ts'
import type { Request } from './request.ts'

type Kind = keyof typeof KINDS

/** The fields a command knows, with the kind of value each takes. */
export type Fields = Readonly<Record<string, Kind>>

const KINDS = {
  any: { expected: '', accepts: () => true },
  object: { expected: "expected type 'object'", accepts: (value: Value) => value instanceof Map },
  array: { expected: "expected type 'array'", accepts: (value: Value) => Array.isArray(value) },
  string: { expected: "expected type 'string'", accepts: (value: Value) => typeof value === 'string' },
  binary: { expected: "expected type 'binData'", accepts: (value: Value) => value instanceof Binary },
  flag: { expected: "expected type 'bool'", accepts: (value: Value) => typeof value === 'boolean' },
  bool: {
    expected: "expected types '[bool, long, int, decimal, double]'",
    accepts: (value: Value) => typeof value === 'boolean' || isNumber(value),
  },
  number: { expected: "expected types '[long, int, decimal, double]'", accepts: (value: Value) => isNumber(value) },
  hint: {
    expected: "expected types '[string, object]'",
    accepts: (value: Value) => typeof value === 'string' || value instanceof Map,
  },
  update: {
    expected: "expected types '[object, array]'",
    accepts: (value: Value) => value instanceof Map || Array.isArray(value),
  },
} as const

const GENERIC = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'comment',
  '$readPreference',
  '$clusterTime',
  '$audit',
  '$client',
  '$configServerState',
  '$configTime',
  '$topologyTime',
  'maxTimeMS',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'mayBypassWriteBlocking',
  'stmtId',
  'stmtIds',
  'maxTimeMSOpOnly',
  'rawData',
  'operationKey',
  'versionContext',
])

/** Throws unless all fields of a command are known and of the right types, and the required ones are there. */
export function checkCommand(request: Request, fields: Fields, required: readonly string[] = []): void {
  checkFields(request.body, { name: request.name, fields, required, alsoKnown: GENERIC, documents: request.documents })
  checkTime(request)
}

const LONGEST_TIME = 2 ** 31 - 1

function checkTime({ name, body }: Request): void {
  const time = body.get('maxTimeMS') ?? null
  if (time === null) return
  if (!isNumber(time)) throw wrongType(`${name}.maxTimeMS`, time, KINDS.number.expected)
  const milliseconds = toDouble(time)
  if (!Number.isInteger(milliseconds))
    throw new CommandError('FailedToParse', `maxTimeMS has non-integral value ${milliseconds}`)
  if (milliseconds < 0 || milliseconds > LONGEST_TIME)
    throw new CommandError('BadValue', `${milliseconds} value for maxTimeMS is out of range [0, ${LONGEST_TIME}]`)
}

export interface Checked {
  readonly name: string
  readonly fields: Fields
  readonly required?: readonly string[]
  readonly alsoKnown?: ReadonlySet<string>
  readonly documents?: ReadonlyMap<string, unknown>
}

/** Checks a document such as one entry of `updates`. */
export function checkFields(document: Document, { name, fields, required = [], alsoKnown, documents }: Checked): void {
  for (const [field, value] of document) {
    if (field === name || alsoKnown?.has(field)) continue
    const kind = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (kind === undefined) throw new CommandError(40415, `BSON field '${name}.${field}' is an unknown field.`)
    if (value !== null && !KINDS[kind].accepts(value)) throw wrongType(`${name}.${field}`, value, KINDS[kind].expected)
  }
  for (const field of required)
    if (!document.has(field) && !documents?.has(field))
      throw new CommandError(40414, `BSON field '${name}.${field}' is missing but a required field`)
}

function wrongType(path: string, value: Value, expected: string): CommandError {
  return new CommandError('TypeMismatch', `BSON field '${path}' is the wrong type '${typeName(value)}', ${expected}`)
}

/** Gives the collection that the command's first field names. */
export function collectionName(request: Request): string {
  const name = request.body.get(request.name)
  if (typeof name !== 'string')
    throw new CommandError('InvalidNamespace', `collection name has invalid type ${typeName(name)}`)
  checkCollectionName(request.db, name)
  return name
}

const LONGEST_NAMESPACE = 255

export function checkCollectionName(db: string, name: string): void {
  const namespace = `${db}.${name}`
  if (name === '' || name.startsWith('.') || name.includes('\0'))
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${namespace}'`)
  if (name.includes('$')) throw new CommandError('InvalidNamespace', `Invalid collection name: ${name}`)
  if (Buffer.byteLength(namespace) > LONGEST_NAMESPACE)
    throw new CommandError(
      'InvalidNamespace',
      `Fully qualified namespace is too long. Namespace: ${namespace} Max: ${LONGEST_NAMESPACE}`,
    )
}

export function objectAt(document: Document, field: string): Document | undefined {
  const value = document.get(field)
  return value instanceof Map ? value : undefined
}

export function flagAt(document: Document, field: string): boolean {
  const value = document.get(field)
  if (typeof value === 'boolean') return value
  return value !== undefined && isNumber(value) && toDouble(value) !== 0
}

/** Gives a number that is not negative, or undefined where the field is absent. */
export function countAt(document: Document, field: string, command: string): number | undefined {
  const value = document.get(field)
  if (value === undefined || value === null) return undefined
  if (!isNumber(value)) throw wrongType(`${command}.${field}`, value, KINDS.number.expected)
  const count = Math.trunc(toDouble(value))
  if (Number.isNaN(count)) return 0
  if (count < 0) throw new CommandError(51024, `BSON field '${field}' value must be >= 0, actual value '${count}'`)
  return count
}

export function collationAt(document: Document): Collation | undefined {
  return collationOf(objectAt(document, 'collation'))
}

export function numberAt(document: Document, field: string): number | undefined {
  const value = document.get(field)
  return value !== undefined && isNumber(value) ? toDouble(value) : undefined
}
