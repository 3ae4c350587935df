// Finds the keys of a document in a wildcard index: its paths, each with the values that lie there.
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'
import { encodeKey, isCut } from './encode.ts'
import type { IndexSpec } from './index-spec.ts'

const BOTH_UP = [1, 1] as const

interface Found {
  readonly keys: readonly Buffer[]
  readonly multikey: readonly string[]
  readonly truncated: boolean
}

/** Gives a key for each value that is no document: its path, then itself. */
export function wildcardKeys(document: Document, index: IndexSpec): Found {
  const covers = coverageOf(index)
  const found = new Map<string, Buffer>()
  const multikey = new Set<string>()
  let truncated = false
  const emit = (path: string, value: Value) => {
    if (!covers?.(path)) return
    const key = encodeKey([path, value], BOTH_UP, index.collation)
    truncated ||= isCut(key)
    found.set(key.toString('latin1'), key)
  }
  const visit = (value: Value, path: string): void => {
    if (value instanceof Map) fields(value, path)
    else if (Array.isArray(value)) elements(value, path)
    else emit(path, value)
  }
  const fields = (inner: Document, path: string) => {
    if (inner.size === 0) emit(path, inner)
    for (const [name, value] of inner) visit(value, path === '' ? name : `${path}.${name}`)
  }
  const elements = (array: readonly Value[], path: string) => {
    if (covers?.(path)) multikey.add(path)
    if (array.length === 0) emit(path, UNDEFINED)
    for (const element of array) Array.isArray(element) ? emit(path, element) : visit(element, path)
  }
  for (const [name, value] of document) visit(value, name)
  return { keys: [...found.values()], multikey: [...multikey], truncated }
}

/** Tells which paths an index holds; undefined for one that holds no keys, as compound ones do not. */
export function coverageOf({ key, raw }: Pick<IndexSpec, 'key' | 'raw'>): ((path: string) => boolean) | undefined {
  const [[path] = ['']] = key
  if (key.length !== 1) return undefined
  if (path !== '$**') return isBelow(path.slice(0, -'.$**'.length))
  const projection = raw.get('wildcardProjection')
  if (!(projection instanceof Map) || projection.size === 0) return other => !isBelow('_id')(other)
  const named = [...projection].filter(([name]) => name !== '_id')
  const includes = named.length === 0 ? isTrue(projection.get('_id')!) : isTrue(named[0]![1])
  const listed = named.map(([name]) => isBelow(name))
  const idIsIn = projection.has('_id') && isTrue(projection.get('_id')!)
  return other => (isBelow('_id')(other) ? idIsIn : listed.some(test => test(other)) === includes)
}

function isBelow(parent: string): (path: string) => boolean {
  return path => path === parent || path.startsWith(`${parent}.`)
}

function isTrue(value: Value): boolean {
  return value !== false && Number(value) !== 0
}
