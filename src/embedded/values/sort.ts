// Compiles sort specifications into comparisons of documents.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Collation } from './collation.ts'
import { isNumber, truncated } from './numbers.ts'
import { type SortKey, sortKeys } from './sort-keys.ts'
import { compareValues } from './values.ts'

export interface Sort {
  readonly fields: ReadonlySet<string>
  compare(a: Document, b: Document): number
  /** what a document is sorted by; to sort many, take the keys once and compare them */
  key(document: Document): SortKey
  compareKeys(a: SortKey, b: SortKey): number
}

/** Compiles a sort; an array counts by its smallest element, descending by its largest. */
export function compileSort(spec: Document, collation?: Collation): Sort {
  if (spec.size > MAX_KEYS) throw new CommandError('BadValue', `too many sort keys, the limit is ${MAX_KEYS}`)
  const keys = [...spec].map(([path, direction]) => keyOf(path, direction))
  const compareKeys = comparisonOf(keys, collation)
  const key = extraction(keys, compareKeys)
  return {
    fields: new Set(keys.map(({ names }) => names[0]!)),
    compare: (a, b) => compareKeys(key(a), key(b)),
    key,
    compareKeys,
  }
}

interface Key {
  readonly names: readonly string[]
  readonly direction: 1 | -1
}

const MAX_KEYS = 32

function keyOf(path: string, direction: Value): Key {
  if (direction instanceof Map) {
    if (direction.has('$meta'))
      throw new CommandError('CommandNotSupported', '$meta in sort is not supported by the embedded database')
    throw new CommandError(15974, 'Illegal key in $sort specification')
  }
  return { names: sortPath(path), direction: directionOf(direction) }
}

function directionOf(direction: Value): 1 | -1 {
  if (!isNumber(direction)) throw new CommandError(15974, `Illegal key in $sort specification`)
  const number = truncated(direction)
  if (number === 1n) return 1
  if (number === -1n) return -1
  throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)')
}

function sortPath(path: string): readonly string[] {
  if (path === '') throw new CommandError(40352, 'FieldPath cannot be constructed with empty string')
  const names = path.split('.')
  if (path.endsWith('.')) throw new CommandError(40353, "FieldPath must not end with a '.'.")
  if (names.includes('')) throw new CommandError(15998, 'FieldPath field names may not be empty strings.')
  if (path.startsWith('$'))
    throw new CommandError(
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    )
  return names
}

function comparisonOf(keys: readonly Key[], collation: Collation | undefined): (a: SortKey, b: SortKey) => number {
  const directions = keys.map(key => key.direction)
  return (a, b) => {
    for (let index = 0; index < directions.length; index++) {
      const order = compareValues(a[index], b[index], collation)
      if (order !== 0) return order * directions[index]!
    }
    return 0
  }
}

function extraction(
  keys: readonly Key[],
  compareKeys: (a: SortKey, b: SortKey) => number,
): (document: Document) => SortKey {
  const paths = keys.map(key => key.names)
  return document =>
    plainKey(document, paths) ??
    sortKeys(document, paths).reduce((best, key) => (compareKeys(key, best) < 0 ? key : best))
}

/** The key of a document in which no array is met, the usual case; undefined where one is. */
function plainKey(document: Document, paths: readonly (readonly string[])[]): SortKey | undefined {
  const key: Value[] = new Array(paths.length)
  for (let at = 0; at < paths.length; at++) {
    let value: Value | undefined = document
    for (const name of paths[at]!) {
      value = value instanceof Map ? value.get(name) : undefined
      if (Array.isArray(value)) return undefined
    }
    key[at] = value ?? null
  }
  return key
}
