// Tests that comparison, equality and hashing of values agree over all types.
import { Binary, BSON, Decimal128, Double } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { decodeDocument, int32, UNDEFINED, type Value } from '../../src/embedded/bson/decode.ts'
import { encodeDocument } from '../../src/embedded/bson/encode.ts'
import { document } from '../../src/embedded/bson/literal.ts'
import { collationOf } from '../../src/embedded/values/collation.ts'
import { isIdentical } from '../../src/embedded/values/identity.ts'
import { compareValues, equalValues, hashValue } from '../../src/embedded/values/values.ts'
import { pick, randomFrom, randomValue } from '../support/random-values.ts'

const decimal = (text: string): Decimal128 => Decimal128.fromString(text)

describe('values of random types', () => {
  const random = randomFrom(20261)
  const values = Array.from({ length: 400 }, () => randomValue(random))
  const pairs = values.flatMap(a => values.map(b => [a, b] as const))

  test('compare antisymmetrically and with themselves as equal', () => {
    const wrong = pairs.filter(([a, b]) => Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a)) !== 0)
    expect(wrong).toEqual([])
    expect(values.filter(value => compareValues(value, value) !== 0)).toEqual([])
  })

  test('compare transitively', () => {
    for (let round = 0; round < 100_000; round++) {
      const [a, b, c] = [pick(random, values), pick(random, values), pick(random, values)]
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0 && compareValues(a, c) > 0)
        expect.unreachable(`${String(a)}, ${String(b)}, ${String(c)}`)
    }
  })

  test('have the same hash exactly when they are equal', () => {
    expect(pairs.filter(([a, b]) => (hashValue(a) === hashValue(b)) !== equalValues(a, b))).toEqual([])
  })

  test('are the same bytes after decoding and encoding', () => {
    for (const value of values) {
      const bytes = encodeDocument(new Map([['v', value]]))
      expect(encodeDocument(decodeDocument(bytes)).equals(bytes)).toBe(true)
      const again = decodeDocument(bytes).get('v')!
      expect(isIdentical(again, value)).toBe(true)
      expect(compareValues(again, value)).toBe(0)
    }
  })

  test('are identical exactly when their bytes are the same', () => {
    const bytesOf = (value: Value): string => encodeDocument(new Map([['v', value]])).toString('latin1')
    const bytes = new Map(values.map(value => [value, bytesOf(value)]))
    expect(pairs.filter(([a, b]) => isIdentical(a, b) !== (bytes.get(a) === bytes.get(b)))).toEqual([])
  })

  test('are decoded as the driver decodes them', () => {
    for (const value of values) {
      const bytes = encodeDocument(new Map([['v', value]]))
      const plain = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true }) as { v: unknown }
      if (!(value instanceof Binary && value.sub_type === 2))
        expect(Buffer.from(BSON.serialize(plain, { ignoreUndefined: false })).length).toBe(bytes.length)
    }
  })
})

describe('numbers', () => {
  const same: readonly (readonly Value[])[] = [
    [int32(1), 1, 1n, decimal('1'), decimal('1.00'), decimal('10E-1')],
    [int32(0), 0, -0, 0n, decimal('0'), decimal('-0'), decimal('0E+10')],
    [Number.NaN, decimal('NaN')],
    [0.5, decimal('0.5'), decimal('0.50')],
    [2 ** 53, 9007199254740992n, decimal('9007199254740992')],
    [1e22, decimal('1E+22')],
    [Number.POSITIVE_INFINITY, decimal('Infinity')],
  ]

  test('of one value are equal whatever their type', () => {
    for (const group of same)
      for (const a of group)
        for (const b of group) {
          expect(compareValues(a, b)).toBe(0)
          expect(hashValue(a)).toBe(hashValue(b))
        }
  })

  test('that differ beyond the digits of a double are not equal', () => {
    const pairs: readonly (readonly [Value, Value])[] = [
      [9007199254740993n, 2 ** 53],
      [decimal('0.1'), 0.1],
      [9223372036854775807n, 2 ** 63],
      [1152921504606847000n, 2 ** 60],
      [decimal('1152921504606847000'), 2 ** 60],
    ]
    for (const [a, b] of pairs) {
      expect(compareValues(a, b)).not.toBe(0)
      expect(hashValue(a)).not.toBe(hashValue(b))
    }
  })
})

test('the types stand in the order of BSON', () => {
  const inOrder: readonly (Value | undefined)[] = [
    ...[UNDEFINED, null, Number.NaN, Number.NEGATIVE_INFINITY, int32(1), '', 'a'],
    ...[document({}), document({ a: 1 }), [], [null], new Binary(Buffer.from('z'), 0)],
    ...[document({ id: new BSON.ObjectId() }).get('id'), false, true, new Date(0)],
  ]
  for (let index = 1; index < inOrder.length; index++)
    expect(compareValues(inOrder[index - 1], inOrder[index])).toBe(-1)
})

test('strings are compared by their UTF-8 bytes, also with surrogates', () => {
  const texts = ['～', '😀', '\ud7ff', '\ue000', 'z', 'zz', '', '\uffff', '\u{10ffff}']
  const byBytes = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect([...texts].sort((a, b) => compareValues(a, b))).toEqual(byBytes)
})

describe('a collation', () => {
  const words = ['a', 'A', 'á', 'Á', 'ä', 'b', 'B', 'ß', 'ss', 'SS', 'æ', 'ae', 'co-op', 'coop', 'résumé', 'Resume']
  const settings = [
    { locale: 'en', strength: 1 },
    { locale: 'en', strength: 2 },
    { locale: 'de', strength: 1, caseLevel: true },
    { locale: 'fr', strength: 3 },
    { locale: 'en', strength: 1, alternate: 'shifted' },
    { locale: 'sv', strength: 5 },
  ]

  test('gives words that compare as equal the same key, and others another', () => {
    for (const setting of settings) {
      const collation = collationOf(document(setting))!
      for (const a of words)
        for (const b of words)
          expect(`${a} ${b} ${collation.key(a) === collation.key(b)}`).toBe(
            `${a} ${b} ${collation.compare(a, b) === 0}`,
          )
    }
  })

  test('with numericOrdering counts digits as numbers', () => {
    const collation = collationOf(document({ locale: 'en', numericOrdering: true }))!
    expect(collation.compare('a10', 'a9')).toBe(1)
    expect(collation.compare('a010', 'a10')).toBe(0)
    expect(collation.key('a010')).toBe(collation.key('a10'))
  })

  test('with backwards compares accents from the end, as in Canadian French', () => {
    const forwards = collationOf(document({ locale: 'fr' }))!
    const backwards = collationOf(document({ locale: 'fr', backwards: true }))!
    const words = ['cote', 'coté', 'côte', 'côté']
    expect([...words].sort(forwards.compare)).toEqual(['cote', 'coté', 'côte', 'côté'])
    expect([...words].sort(backwards.compare)).toEqual(['cote', 'côte', 'coté', 'côté'])
  })

  test('that the platform cannot do is refused by name', () => {
    const shifted = { locale: 'en', alternate: 'shifted', maxVariable: 'space' }
    expect(() => collationOf(document(shifted))).toThrow(/maxVariable/)
    expect(() => collationOf(document({ locale: 'xx_nope' }))).toThrow(/locale/)
    expect(() => collationOf(document({ locale: 'en', nope: 1 }))).toThrow(/unknown field/)
  })
})

test('a double is not identical to an int of the same value', () => {
  expect(isIdentical(1, int32(1))).toBe(false)
  expect(isIdentical(0, -0)).toBe(false)
  expect(decodeDocument(BSON.serialize({ a: new Double(1) })).get('a')).toBe(1)
})
