// Describes the rules a schema is compiled into, and how their failures are told.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { integerOf, isNumber } from '../values/numbers.ts'
import { typeName } from '../values/type-names.ts'

/** Gives what is wrong with a value, or undefined when the rule holds or does not apply. */
export type Rule = (value: Value) => Document | undefined

/** All failures of a schema on a value; none when it is valid. */
export type Check = (value: Value) => readonly Document[]

export interface SchemaScope {
  readonly schema: Document
  /** Compiles a schema inside this one. */
  readonly inner: (schema: Value, keyword: string) => InnerSchema
}

export interface InnerSchema {
  readonly check: Check
  /** its title and description, which failures repeat */
  readonly notes: readonly (readonly [string, Value])[]
}

export type Keyword = (operand: Value, scope: SchemaScope) => Rule

export type Fields = { readonly [name: string]: Value | undefined }

/** Builds a failure from its fields; absent ones are left out. */
export function failure(fields: Fields): Document {
  const built: Document = new Map()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) built.set(name, value)
  return built
}

export function only(name: string, value: Value): Document {
  return new Map([[name, value]])
}

export function wrongType(keyword: string, wanted: string, found: Value): CommandError {
  return new CommandError(
    'TypeMismatch',
    `$jsonSchema keyword '${keyword}' must be ${wanted}, but found an element of type ${typeName(found)}`,
  )
}

export function malformed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

/** Reads an operand that must be a whole number of zero or more. */
export function countOperand(keyword: string, operand: Value): number {
  if (!isNumber(operand)) throw wrongType(keyword, 'a number', operand)
  const count = integerOf(operand)
  if (count === undefined || count < 0n)
    throw malformed(`$jsonSchema keyword '${keyword}' must be a non-negative integer`)
  return Number(count)
}

export function documentOperand(keyword: string, operand: Value): Document {
  if (operand instanceof Map) return operand
  throw wrongType(keyword, 'an object', operand)
}

export function listOperand(keyword: string, operand: Value): readonly Value[] {
  if (!Array.isArray(operand)) throw wrongType(keyword, 'an array', operand)
  if (operand.length === 0) throw malformed(`$jsonSchema keyword '${keyword}' cannot be an empty array`)
  return operand
}

/** Reads a list of distinct names. */
export function namesOperand(keyword: string, operand: Value): readonly string[] {
  const names = listOperand(keyword, operand).map(name => {
    if (typeof name === 'string') return name
    throw wrongType(keyword, 'an array of strings', name)
  })
  if (new Set(names).size < names.length)
    throw malformed(`$jsonSchema keyword '${keyword}' array cannot contain duplicate values`)
  return names
}
