import { expect, test } from 'vitest'
import { isNarrowed } from '../../src/models/narrowing.ts'

test.each([
  [[]],
  [[{}]],
  [[{}, { $comment: 'clean-up' }]],
  [[{ $and: [{}, { $comment: 'x' }] }]],
  [[{ $or: [{ name: 'x' }, {}] }]],
  [[{ $expr: true }]],
  [[{ name: { $nin: [] } }]],
  [[{ name: { $not: { $in: [] } } }]],
])('%j finds everything', filters => {
  expect(isNarrowed(filters)).toBe(false)
})

test.each([
  [[{}, { name: 'x' }]],
  [[{ $and: [{}, { name: 'x' }] }]],
  [[{ $or: [{ name: 'x' }, { name: 'y' }] }]],
  [[{ $nor: [{ name: 'x' }] }]],
  [[{ name: { $in: [] } }]],
  [[{ name: { $nin: ['x'] } }]],
  [[{ name: {} }]],
  [[{ $expr: { $gt: ['$a', '$b'] } }]],
])('%j does not', filters => {
  expect(isNarrowed(filters)).toBe(true)
})
