// Text and parsed data as the types a model's fields take: dates, ids and numbers.
import { Binary, ObjectId } from 'mongodb'
import { bytesFrom } from '../models/base64.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { timeOf } from '../models/moment.ts'
import { findPath, unknownPath } from '../models/path.ts'
import { usage } from './flags.ts'
import { parseData } from './input.ts'

type Data = Readonly<Record<string, unknown>>

/** Gives a document's values the types its fields take, as far as text in JSON stands for them. */
export function typedDocument(document: Data, definition: ModelDefinition): Data {
  const entries = Object.entries(document).map(([name, value]) => [name, typed(value, fieldAt(definition, name))])
  return Object.fromEntries(entries)
}

/** Reads assignments such as `name=Ada` and `address.city=London` into one object. */
export function assignments(texts: readonly string[], definition: ModelDefinition): Data {
  const result: Record<string, unknown> = {}
  for (const text of texts) {
    const { path, value } = assignment(text, definition)
    put(result, path.split('.'), value)
  }
  return result
}

/** Reads one assignment: its path and its value as the field's type. */
export function assignment(
  text: string,
  definition: ModelDefinition,
): { readonly path: string; readonly value: unknown } {
  const at = text.indexOf('=')
  if (at < 1) throw usage(`--set ${text} assigns nothing`, "write --set path=value, for example --set name='Ada'")
  const path = text.slice(0, at).trim()
  const value = text.slice(at + 1)
  return { path, value: valueOfText(value, fieldAt(definition, path), path) }
}

/** Finds the field of a path. Throws `UnknownPath` with the nearest. */
export function fieldAt(definition: ModelDefinition, path: string): Field | undefined {
  const found = findPath(definition, path)
  if (found.known) return found.field
  throw unknownPath(definition, path)
}

/** Reads text as the value of a field; what does not fit stays text, for the schema to refuse. */
export function valueOfText(text: string, field: Field | undefined, path: string): unknown {
  if (text === 'null' && (field?.nullable || !field)) return null
  if (field?.kind === 'array') return listOf(text, field, path)
  if (field?.kind === 'object' || field?.kind === 'record') return typed(dataOf(text, path), field)
  if (field?.kind === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  if (field?.kind === 'boolean') return /^(true|yes)$/i.test(text) ? true : /^(false|no)$/i.test(text) ? false : text
  if (!field || field.kind === 'mixed') return field?.values ? text : guessed(text)
  return typed(text, field)
}

function listOf(text: string, field: Field, path: string): unknown {
  if (text.trim().startsWith('[')) return typed(dataOf(text, path), field)
  return text === '' ? [] : text.split(',').map(part => valueOfText(part.trim(), field.element, path))
}

function dataOf(text: string, path: string): unknown {
  return parseData(text, `--set ${path}`, `write --set '${path}={…}' or '${path}=[…]'`)
}

function guessed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

function typed(value: unknown, field: Field | undefined): unknown {
  const plain = plainNumber(value)
  if (typeof plain === 'string') return typedText(plain, field)
  if (Array.isArray(plain)) return plain.map(item => typed(item, field?.element))
  if (typeof plain !== 'object' || plain === null || '_bsontype' in plain || plain instanceof Date) return plain
  const inner = (key: string) => field?.fields?.find(candidate => candidate.name === key)
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, typed(item, inner(key))]))
}

function typedText(text: string, field: Field | undefined): unknown {
  if (field?.kind === 'date') return timeOf(text, new Date()) ?? text
  if (field?.kind === 'objectId' && ObjectId.isValid(text)) return new ObjectId(text)
  if (field?.kind === 'binary') return bytesOf(text) ?? text
  if (field?.kind === 'long' && /^[+-]?\d+$/.test(text)) return BigInt(text)
  return text
}

/** Reads bytes as they are printed, in base64; gives undefined for what is none. */
export function bytesOf(text: string): Binary | undefined {
  const bytes = bytesFrom(text)
  return bytes && new Binary(bytes)
}

// Extended JSON that keeps types gives numbers in objects, which no zod number accepts.
function plainNumber(value: unknown): unknown {
  const { _bsontype: type } = (value ?? {}) as { _bsontype?: unknown }
  if (type === 'Int32' || type === 'Double') return Number(value)
  if (type !== 'Long') return value
  const whole = BigInt(String(value))
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    Object.defineProperty(target, head, { value, enumerable: true, configurable: true, writable: true })
    return
  }
  const inner = Object.hasOwn(target, head) ? target[head] : undefined
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
  Object.defineProperty(target, head, { value: next, enumerable: true, configurable: true, writable: true })
  put(next, rest, value)
}
