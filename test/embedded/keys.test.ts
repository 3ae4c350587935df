// Checks that the bytes of encoded keys sort as the values compare.
import { Binary, Code, Decimal128 } from 'mongodb'
import { expect, test } from 'vitest'
import { int32, type Value } from '../../src/embedded/bson/decode.ts'
import { document } from '../../src/embedded/bson/literal.ts'
import { encodeKey, encodeValue, isCut } from '../../src/embedded/keys/encode.ts'
import { endOfValue } from '../../src/embedded/keys/walk.ts'
import { textOf } from '../../src/embedded/values/text.ts'
import { compareValues } from '../../src/embedded/values/values.ts'
import { pick, randomFrom, randomNumber, randomValue } from '../support/random-values.ts'

function orderOf(a: Value, b: Value): number {
  return Math.sign(Buffer.compare(encodeValue(a), encodeValue(b)))
}

function mismatches(pairs: Iterable<readonly [Value, Value]>): string[] {
  const wrong: string[] = []
  for (const [a, b] of pairs) {
    const wanted = Math.sign(compareValues(a, b))
    if (orderOf(a, b) !== wanted) wrong.push(`${textOf(a)} ? ${textOf(b)}: wanted ${wanted}`)
  }
  return wrong.slice(0, 10)
}

test('keys of 150,000 random pairs of any type sort as the values', () => {
  const random = randomFrom(1)
  const values = Array.from({ length: 3000 }, () => randomValue(random, 3))
  const pairs = Array.from({ length: 150_000 }, () => [pick(random, values), pick(random, values)] as const)
  expect(mismatches(pairs)).toEqual([])
})

test('numbers of all types sort by exact value', () => {
  const random = randomFrom(2)
  const numbers = Array.from({ length: 400 }, () => randomNumber(random))
  expect(mismatches(numbers.flatMap(a => numbers.map(b => [a, b] as const)))).toEqual([])
})

test.each([
  ['1 of every type', [int32(1), 1, 1n, Decimal128.fromString('1.00')]],
  ['zeros', [0, -0, 0n, Decimal128.fromString('-0E-10')]],
  ['numbers that are none', [Number.NaN, Decimal128.fromString('NaN')]],
  ['2 to the power of 63', [2 ** 63, Decimal128.fromString('9223372036854775808')]],
] as const)('%s are one key', (_, values) => {
  const keys = new Set(values.map(value => encodeValue(value).toString('hex')))
  expect(keys.size).toBe(1)
})

test('neighbours that no double tells apart have keys in order', () => {
  const values = [
    9007199254740992n,
    Decimal128.fromString('9007199254740992.000000000000000001'),
    9007199254740993n,
    9007199254740994n,
  ]
  const keys = values.map(value => encodeValue(value))
  expect(keys.toSorted(Buffer.compare)).toEqual(keys)
  expect(new Set(keys.map(key => key.toString('hex'))).size).toBe(4)
})

test('no key begins with another key', () => {
  const random = randomFrom(3)
  const keys = Array.from({ length: 2000 }, () => encodeValue(randomValue(random)).toString('latin1'))
  const sorted = [...new Set(keys)].sort()
  for (let i = 1; i < sorted.length; i++) expect(sorted[i]!.startsWith(sorted[i - 1]!)).toBe(false)
})

test('compound keys sort field by field, each in its direction', () => {
  const random = randomFrom(4)
  const directions = [1, -1, 1] as const
  const rows = Array.from({ length: 500 }, () => [
    pick(random, [1, 2, 'a']),
    randomValue(random),
    randomValue(random),
  ]).filter(row => !isCut(encodeKey(row, directions)))
  const byKey = rows.toSorted((a, b) => Buffer.compare(encodeKey(a, directions), encodeKey(b, directions)))
  const wanted = rows.toSorted(
    (a, b) => compareValues(a[0], b[0]) || -compareValues(a[1], b[1]) || compareValues(a[2], b[2]),
  )
  const differing = byKey.filter((row, i) => row.some((value, field) => compareValues(value, wanted[i]![field]) !== 0))
  expect(differing).toEqual([])
  expect(rows.length).toBeGreaterThan(400)
})

test('long keys are cut, stay apart and keep the order of their beginnings', () => {
  const long = 'x'.repeat(5000)
  const keys = [`${long}a`, `${long}b`, `y${long}`, 'x'].map(text => encodeKey([text], [1]))
  expect(keys.map(isCut)).toEqual([true, true, true, false])
  expect(keys.every(key => key.length <= 1932)).toBe(true)
  expect(keys[0]!.equals(keys[1]!)).toBe(false)
  expect(Buffer.compare(keys[3]!, keys[0]!)).toBe(-1)
  expect(Buffer.compare(keys[1]!, keys[2]!)).toBe(-1)
  expect(encodeKey([`${long}a`], [1]).equals(keys[0]!)).toBe(true)
})

test('documents sort by type, then name, then value; binary data by length first', () => {
  expect(orderOf(document({ b: 1 }), document({ a: 'x' }))).toBe(-1)
  expect(orderOf(document({ a: 1 }), document({ a: 1, b: 1 }))).toBe(-1)
  expect(orderOf(document({ a: 2 }), document({ a: 1, b: 1 }))).toBe(1)
  expect(orderOf(new Binary(Buffer.from([9])), new Binary(Buffer.from([1, 1])))).toBe(-1)
  expect(orderOf(new Code('b'), new Code('a'))).toBe(1)
})

test('every value of a compound key can be found again', () => {
  const random = randomFrom(5)
  for (let i = 0; i < 5000; i++) {
    const values = [randomValue(random), randomValue(random), randomValue(random)]
    const directions = [1, -1, 1] as const
    const key = encodeKey(values, directions)
    if (isCut(key)) continue
    const ends = values.map((_, field) => encodeKey(values.slice(0, field + 1), directions.slice(0, field + 1)).length)
    let at = 0
    const found = directions.map(direction => {
      at = endOfValue(key, at, direction)
      return at
    })
    expect(found).toEqual(ends)
  }
})
