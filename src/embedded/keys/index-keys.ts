// Finds the keys of a document in an index: one, none, or several where arrays are met.
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { type Direction, encodeKey, isCut } from './encode.ts'
import type { IndexSpec } from './index-spec.ts'
import { wildcardKeys } from './wildcard-keys.ts'

export interface IndexKeys {
  readonly keys: readonly Buffer[]
  /** the paths at which arrays were met */
  readonly multikey: readonly string[]
  /** some key was too long and was cut */
  readonly truncated: boolean
}

const NONE: IndexKeys = { keys: [], multikey: [], truncated: false }

/** Gives the distinct keys of a document; none when the index is sparse or partial and leaves the document out. */
export function indexKeys(doc: Document, index: IndexSpec): IndexKeys {
  if (index.partial?.filter.matches(doc) === false) return NONE
  if (index.wildcard) return wildcardKeys(doc, index)
  const plain = plainValues(doc, index)
  if (plain !== undefined) return plainKeys(plain, index)
  const found = { index, tuples: [] as (Value | undefined)[][], multikey: new Set<string>() }
  expand(
    index.key.map(([path]) => descend(doc, partsOf(path), 0)),
    found,
  )
  return keysOf(found)
}

/** Gives the values of a document in which no array is met, the usual case; undefined where one is. */
function plainValues(doc: Document, { key }: IndexSpec): (Value | undefined)[] | undefined {
  const values: (Value | undefined)[] = []
  for (const [path] of key) {
    let value: Value | undefined = doc
    for (const part of partsOf(path)) {
      value = value instanceof Map ? value.get(part) : undefined
      if (value === undefined || Array.isArray(value)) break
    }
    if (Array.isArray(value)) return undefined
    values.push(value)
  }
  return values
}

function plainKeys(values: readonly (Value | undefined)[], index: IndexSpec): IndexKeys {
  if (index.sparse && values.every(value => value === undefined)) return NONE
  const key = encodeKey(values.map(indexed), directionsOf(index), index.collation)
  return { keys: [key], multikey: [], truncated: isCut(key) }
}

function directionsOf({ key }: IndexSpec): Direction[] {
  return key.map(([, direction]) => direction)
}

/** One field of the index: resolved, or waiting at an array for one of its elements. */
interface Field {
  readonly parts: readonly string[]
  /** how many parts of the path lie behind */
  readonly depth: number
  readonly value: Value | undefined
  readonly waiting: boolean
}

interface Found {
  readonly index: IndexSpec
  readonly tuples: (Value | undefined)[][]
  readonly multikey: Set<string>
}

const parsed = new Map<string, readonly string[]>()

function partsOf(path: string): readonly string[] {
  const known = parsed.get(path)
  if (known !== undefined) return known
  if (parsed.size > 10_000) parsed.clear()
  const parts = path.split('.')
  parsed.set(path, parts)
  return parts
}

/** Walks down documents until the path ends, is lost, or an array is met. */
function descend(from: Value | undefined, parts: readonly string[], start: number): Field {
  let value = from
  for (let depth = start; ; depth++) {
    if (Array.isArray(value)) return { parts, depth, value, waiting: true }
    if (depth === parts.length) return { parts, depth, value, waiting: false }
    value = value instanceof Map ? value.get(parts[depth]!) : undefined
    if (value === undefined) return { parts, depth: parts.length, value, waiting: false }
  }
}

function expand(fields: readonly Field[], found: Found): void {
  const first = fields.find(field => field.waiting)
  if (first === undefined) {
    if (isKept(fields, found.index)) found.tuples.push(fields.map(field => field.value))
    return
  }
  const array = first.value as Value[]
  for (const field of fields) if (field.waiting) note(field, array, found)
  const items = array.length === 0 ? [undefined] : array
  for (const item of items) {
    expand(
      fields.map(field => (field.waiting ? enter(field, array, item) : field)),
      found,
    )
  }
}

function note(field: Field, array: Value[], found: Found): void {
  const path = field.parts.join('.')
  if (path === found.index.hashed)
    throw new CommandError(16766, `hashed indexes do not currently support array values. Found array at path: ${path}`)
  if (field.value !== array) throw parallelArrays(found.index)
  found.multikey.add(field.parts.slice(0, field.depth).join('.'))
}

function parallelArrays(index: IndexSpec): CommandError {
  const names = index.key.map(([path]) => `[${path.split('.').at(-1)}]`)
  return new CommandError('CannotIndexParallelArrays', `cannot index parallel arrays ${names.join(' ')}`)
}

/**
 * Goes into one element of an array; an empty array has one that is `undefined`.
 * Arrays in arrays are values; a number in the path picks an element.
 */
function enter(field: Field, array: readonly Value[], item: Value | undefined): Field {
  const { parts, depth } = field
  if (depth === parts.length) return { parts, depth, value: item === undefined ? UNDEFINED : item, waiting: false }
  const name = parts[depth]!
  const picked = /^(0|[1-9]\d*)$/.test(name) ? array[Number(name)] : undefined
  if (picked === undefined) return descend(item instanceof Map ? item : undefined, parts, depth)
  if (item instanceof Map && item.has(name)) {
    const where = parts.slice(0, depth).join('.')
    throw new CommandError(
      16746,
      `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${name}' for array: ${where}`,
    )
  }
  return descend(picked, parts, depth + 1)
}

function isKept(fields: readonly Field[], index: IndexSpec): boolean {
  return !index.sparse || fields.some(field => field.value !== undefined)
}

function keysOf(found: Found): IndexKeys {
  const directions = directionsOf(found.index)
  const distinct = new Map<string, Buffer>()
  let truncated = false
  for (const tuple of found.tuples) {
    const key = encodeKey(tuple.map(indexed), directions, found.index.collation)
    truncated ||= isCut(key)
    if (found.tuples.length === 1) return { keys: [key], multikey: [...found.multikey], truncated }
    distinct.set(key.toString('latin1'), key)
  }
  return { keys: [...distinct.values()], multikey: [...found.multikey], truncated }
}

/** A missing field is indexed as null. */
function indexed(value: Value | undefined): Value {
  return value === undefined ? null : value
}
