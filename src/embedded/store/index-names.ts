// Finds indexes of a collection by name or by key pattern.
import type { Value } from '../bson/decode.ts'
import { equalValues } from '../values/values.ts'
import type { Collection, Index } from './catalog.ts'

export function findIndex({ indexes }: Collection, named: Value | undefined): Index | undefined {
  if (typeof named === 'string') return indexes.find(index => index.name === named)
  return named instanceof Map ? indexes.find(index => hasKey(index, named)) : undefined
}

/** Key patterns are equal when paths and directions are, in the same order. */
export function hasKey(index: Index, pattern: Value): boolean {
  const key = index.raw.get('key')!
  return (
    equalValues(key, pattern) &&
    [...(key as Map<string, Value>).keys()].join() === [...(pattern as Map<string, Value>).keys()].join()
  )
}
