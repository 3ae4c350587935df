// Checks which descriptions of indexes are taken and how others are refused.
import { expect, test } from 'vitest'
import { document } from '../../src/embedded/bson/literal.ts'
import { indexSpecOf } from '../../src/embedded/keys/index-spec.ts'

function attempt(spec: Record<string, unknown>) {
  return () => indexSpecOf(document(spec))
}

test('an index keeps its fields, directions and options', () => {
  const spec = { key: { a: 1, 'b.c': -1.5 }, name: 'i', unique: true, expireAfterSeconds: undefined }
  expect(attempt(spec)()).toMatchObject({
    name: 'i',
    key: [
      ['a', 1],
      ['b.c', -1],
    ],
    unique: true,
    sparse: false,
  })
  expect(attempt({ key: { a: 1 }, name: 'i', expireAfterSeconds: 60 })()).toMatchObject({ expireAfterSeconds: 60 })
})

test.each([
  ['no key', { name: 'i' }, 'FailedToParse'],
  ['an empty key', { key: {}, name: 'i' }, 'CannotCreateIndex'],
  ['a direction of zero', { key: { a: 0 }, name: 'i' }, 'CannotCreateIndex'],
  ['a direction that is a bool', { key: { a: true }, name: 'i' }, 'CannotCreateIndex'],
  ['an unknown kind', { key: { a: 'x' }, name: 'i' }, 'CannotCreateIndex'],
  ['an empty part of a path', { key: { 'a..b': 1 }, name: 'i' }, 'CannotCreateIndex'],
  ['an operator as a field', { key: { $a: 1 }, name: 'i' }, 'CannotCreateIndex'],
  ['no name', { key: { a: 1 } }, 'FailedToParse'],
  ['an empty name', { key: { a: 1 }, name: '' }, 'CannotCreateIndex'],
  ['a star for a name', { key: { a: 1 }, name: '*' }, 'BadValue'],
  ['an unknown option', { key: { a: 1 }, name: 'i', foo: 1 }, 'InvalidIndexSpecificationOption'],
  ['an option of _id that it has not', { key: { _id: 1 }, name: 'i', sparse: true }, 'InvalidIndexSpecificationOption'],
  ['a flag that is text', { key: { a: 1 }, name: 'i', unique: 'x' }, 'TypeMismatch'],
  ['a negative time to live', { key: { a: 1 }, name: 'i', expireAfterSeconds: -1 }, 'CannotCreateIndex'],
  ['a time to live on two fields', { key: { a: 1, b: 1 }, name: 'i', expireAfterSeconds: 1 }, 'CannotCreateIndex'],
  [
    'a partial filter of $ne',
    { key: { a: 1 }, name: 'i', partialFilterExpression: { a: { $ne: 1 } } },
    'CannotCreateIndex',
  ],
  ['a partial filter that is a number', { key: { a: 1 }, name: 'i', partialFilterExpression: 5 }, 'TypeMismatch'],
  ['a text index', { key: { a: 'text' }, name: 'i' }, 'NotImplemented'],
  ['a geo index', { key: { a: '2dsphere' }, name: 'i' }, 'NotImplemented'],
])('%s is refused', (_, spec, codeName) => {
  expect(attempt(spec)).toThrow(expect.objectContaining({ codeName }))
})

test('hashed and wildcard indexes are taken', () => {
  expect(attempt({ key: { a: 'hashed' }, name: 'i' })()).toMatchObject({ key: [['a', 1]], wildcard: false })
  expect(attempt({ key: { 'a.$**': 1 }, name: 'i' })()).toMatchObject({ wildcard: true })
})
