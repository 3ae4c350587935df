// Builds documents from literals, and plain objects from documents.
import { Int32, Long, Timestamp } from 'mongodb'
import { type Document, int32, UNDEFINED, type Value } from './decode.ts'

type Literal = { readonly [name: string]: unknown }

/** Builds a document from a literal; integers in the int32 range become Int32, fields of undefined are left out. */
export function document(literal: Literal): Document {
  const built: Document = new Map()
  for (const [name, item] of Object.entries(literal)) if (item !== undefined) built.set(name, value(item))
  return built
}

/** Builds a value from a literal; BSON classes and Maps are kept as they are. */
export function value(literal: unknown): Value {
  if (typeof literal === 'number' && isInt32(literal)) return int32(literal)
  if (literal instanceof Timestamp) return literal
  if (literal instanceof Long) return literal.toBigInt()
  if (Array.isArray(literal)) return literal.map(value)
  if (literal === undefined) return UNDEFINED
  if (isPlain(literal)) return document(literal)
  return literal as Value
}

/** Gives the plain object of a document: Int32 and bigint in the safe range become numbers. */
export function plainOf(item: Value): unknown {
  if (item instanceof Map) return Object.fromEntries([...item].map(([name, inner]) => [name, plainOf(inner)]))
  if (Array.isArray(item)) return item.map(plainOf)
  if (item instanceof Int32) return item.value
  if (item === UNDEFINED) return undefined
  return item
}

function isInt32(number: number): boolean {
  return (number | 0) === number && !Object.is(number, -0)
}

function isPlain(literal: unknown): literal is Literal {
  if (typeof literal !== 'object' || literal === null) return false
  const prototype: unknown = Object.getPrototypeOf(literal)
  return prototype === Object.prototype || prototype === null
}
