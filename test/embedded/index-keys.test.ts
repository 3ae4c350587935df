// Checks which keys documents have in indexes.
import { expect, test } from 'vitest'
import type { Value } from '../../src/embedded/bson/decode.ts'
import { UNDEFINED } from '../../src/embedded/bson/decode.ts'
import { document, value } from '../../src/embedded/bson/literal.ts'
import { encodeKey } from '../../src/embedded/keys/encode.ts'
import { indexKeys } from '../../src/embedded/keys/index-keys.ts'
import { indexSpecOf } from '../../src/embedded/keys/index-spec.ts'

function specOf(key: Record<string, unknown>, options: Record<string, unknown> = {}) {
  return indexSpecOf(document({ key, name: 'i', ...options }))
}

function keysIn(
  doc: Record<string, unknown>,
  key: Record<string, 1 | -1>,
  options: Record<string, unknown> = {},
): string[] {
  return indexKeys(document(doc), specOf(key, options))
    .keys.map(bytes => bytes.toString('hex'))
    .sort()
}

function encoded(directions: readonly (1 | -1)[], ...rows: readonly (readonly unknown[])[]): string[] {
  const values = rows.map(row => row.map(item => (item === UNDEFINED ? UNDEFINED : value(item))) as Value[])
  return values.map(row => encodeKey(row, directions).toString('hex')).sort()
}

test.each([
  ['a value', { a: 5 }, [5]],
  ['a missing field', {}, [null]],
  ['null', { a: null }, [null]],
  ['an array', { a: [1, 2, 1] }, [1, 2]],
  ['an array in an array', { a: [[1, 2], 3] }, [[1, 2], 3]],
  ['an empty array', { a: [] }, [UNDEFINED]],
  ['a document', { a: { b: 1 } }, [{ b: 1 }]],
])('%s gives its keys', (_, doc, keys) => {
  expect(keysIn(doc, { a: 1 })).toEqual(encoded([1], ...keys.map(key => [key])))
})

test.each([
  ['documents', { a: { b: 1 } }, [1]],
  ['arrays of documents', { a: [{ b: 1 }, { b: [2, 3] }, {}] }, [1, 2, 3, null]],
  ['a scalar on the way', { a: 5 }, [null]],
  ['an empty array on the way', { a: [] }, [null]],
  ['arrays in arrays on the way', { a: [[{ b: 1 }]] }, [null]],
])('a dotted path through %s gives its keys', (_, doc, keys) => {
  expect(keysIn(doc, { 'a.b': 1 })).toEqual(encoded([1], ...keys.map(key => [key])))
})

test('a number in a path picks an element', () => {
  expect(keysIn({ a: [{ b: 1 }, { b: 2 }] }, { 'a.1.b': 1 })).toEqual(encoded([1], [2]))
  expect(keysIn({ a: { 1: { b: 3 } } }, { 'a.1.b': 1 })).toEqual(encoded([1], [3]))
})

test('fields of one element stay together in a compound key', () => {
  const doc = {
    a: [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ],
    b: 'z',
  }
  const wanted = encoded([1, -1, 1], [1, 2, 'z'], [3, 4, 'z'])
  expect(keysIn(doc, { 'a.x': 1, 'a.y': -1, b: 1 })).toEqual(wanted)
})

test('two arrays side by side are refused', () => {
  expect(() => keysIn({ a: [1], b: [2] }, { a: 1, b: 1 })).toThrow(expect.objectContaining({ code: 171 }))
})

test('a sparse index leaves out documents with none of its fields', () => {
  expect(keysIn({ c: 1 }, { a: 1, b: 1 }, { sparse: true })).toEqual([])
  expect(keysIn({ b: 1 }, { a: 1, b: 1 }, { sparse: true })).toEqual(encoded([1, 1], [null, 1]))
  expect(keysIn({ a: null }, { a: 1 }, { sparse: true })).toEqual(encoded([1], [null]))
})

test('a partial index leaves out documents its filter does not match', () => {
  const options = { partialFilterExpression: { on: true } }
  expect(keysIn({ a: 1, on: false }, { a: 1 }, options)).toEqual([])
  expect(keysIn({ a: 1, on: true }, { a: 1 }, options)).toEqual(encoded([1], [1]))
})

test('strings that a collation holds for equal share a key', () => {
  const options = { collation: { locale: 'en', strength: 2 } }
  expect(keysIn({ a: ['Abc', 'aBC', 'abd'] }, { a: 1 }, options)).toHaveLength(2)
})

test('the paths of arrays are told', () => {
  const doc = document({ a: [{ x: [1, 2] }], b: 3 })
  expect(indexKeys(doc, specOf({ 'a.x': 1, b: 1 })).multikey).toEqual(['a', 'a.x'])
  expect(indexKeys(doc, specOf({ b: 1 })).multikey).toEqual([])
})
