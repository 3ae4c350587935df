// Finds the values a dotted path of a filter reaches, through arrays as MongoDB does.
import type { Document, Value } from '../bson/decode.ts'

export type Test = (value: Value | undefined) => boolean

/** Looks for a match in a document: NO_MATCH, MATCH, or the index of the array element that matched. */
export type Search = (document: Document) => number

export const NO_MATCH = -2
export const MATCH = -1

/** Whether a path that ends at an array also offers the elements, or the array alone. */
export type Leaf = 'elements' | 'array'

interface Target {
  readonly names: readonly string[]
  /** the array index that each name is, or -1 */
  readonly indexes: readonly number[]
  readonly leaf: Leaf
  readonly test: Test
}

/** Compiles the search for a value at a path that passes a test. */
export function searchAt(path: string, test: Test, leaf: Leaf = 'elements'): Search {
  if (!path.includes('.')) return leaf === 'elements' ? searchField(path, test) : searchArrayItself(path, test)
  const names = path.split('.')
  const target: Target = { names, indexes: names.map(indexOfName), leaf, test }
  return document => searchFrom(document, target, 0)
}

/** Gives the array index a field name stands for, or -1. */
function indexOfName(name: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1
}

function searchField(name: string, test: Test): Search {
  return document => {
    const value = document.get(name)
    if (Array.isArray(value)) return searchElements(value, test)
    return test(value) ? MATCH : NO_MATCH
  }
}

function searchArrayItself(name: string, test: Test): Search {
  return document => (test(document.get(name)) ? MATCH : NO_MATCH)
}

function searchElements(array: readonly Value[], test: Test): number {
  for (let index = 0; index < array.length; index++) if (test(array[index])) return index
  return test(array as Value[]) ? MATCH : NO_MATCH
}

function searchFrom(document: Document, target: Target, from: number): number {
  const { names, test } = target
  let value: Value | undefined = document
  for (let at = from; at < names.length; at++) {
    if (Array.isArray(value)) return searchArray(value, target, at)
    if (!(value instanceof Map)) return test(undefined) ? MATCH : NO_MATCH
    value = value.get(names[at]!)
  }
  if (target.leaf === 'elements' && Array.isArray(value)) return searchElements(value, test)
  return test(value) ? MATCH : NO_MATCH
}

/** An element is entered when it is a document, and also when the next name is its index. */
function searchArray(array: readonly Value[], target: Target, at: number): number {
  const wanted = target.indexes[at]!
  for (let index = 0; index < array.length; index++) {
    const element = array[index]!
    if (element instanceof Map && searchFrom(element, target, at) !== NO_MATCH) return index
    if (index === wanted && searchIndexed(element, target, at + 1)) return index
  }
  return NO_MATCH
}

function searchIndexed(element: Value, target: Target, at: number): boolean {
  if (at === target.names.length) return target.test(element)
  if (element instanceof Map) return searchFrom(element, target, at) !== NO_MATCH
  return Array.isArray(element) && searchArray(element, target, at) !== NO_MATCH
}
