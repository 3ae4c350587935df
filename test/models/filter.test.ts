import {
  binary,
  Decimal128,
  decimal,
  InvalidFilter,
  long,
  model,
  ObjectId,
  ref,
  sanitize,
  UnknownPath,
  UUID,
  uuid,
  z,
} from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { checkFilter } from '../../src/models/filter.ts'

class Post extends model('FilterPost', {
  title: z.string(),
  views: z.number(),
  at: z.date().optional(),
  live: z.boolean().optional(),
  author: ref(() => Post).optional(),
  tags: z.array(z.string()).default([]),
  notes: z.array(z.object({ by: ref(() => Post), n: z.number() })).default([]),
  free: z.record(z.string(), z.unknown()).optional(),
}) {}
const check = (filter: unknown) => checkFilter(Post.definition, filter)
const id = new ObjectId()

describe('a filter', () => {
  test('text becomes what the field stores', () => {
    expect(
      check({ _id: id.toHexString(), views: '5', at: '2026-01-01', live: 'true', author: id.toHexString() }),
    ).toEqual({
      _id: id,
      views: 5,
      at: new Date('2026-01-01'),
      live: true,
      author: id,
    })
    expect(
      check({ author: { $in: [id.toHexString(), { _id: id }] }, 'notes.by': id.toHexString(), 'notes.0.n': '1' }),
    ).toEqual({
      author: { $in: [id, id] },
      'notes.by': id,
      'notes.0.n': 1,
    })
    expect(check({ notes: { $elemMatch: { by: id.toHexString(), n: { $gt: '3' } } } })).toEqual({
      notes: { $elemMatch: { by: id, n: { $gt: 3 } } },
    })
    const either = { $or: [{ n: '1' }, { by: id.toHexString() }] }
    expect(check({ notes: { $elemMatch: either } })).toEqual({ notes: { $elemMatch: { $or: [{ n: 1 }, { by: id }] } } })
    expect(check({ tags: 'x', title: /x/, 'free.any.thing': '5', author: null })).toEqual({
      tags: 'x',
      title: /x/,
      'free.any.thing': '5',
      author: null,
    })
  })

  test.each([
    [{ titel: 'x' }, UnknownPath, 'FilterPost has no path "titel"'],
    [{ 'notes.m': 1 }, UnknownPath, 'no path "notes.m"'],
    [{ 'title.x': 1 }, UnknownPath, 'no path "title.x"'],
    [{ views: 'many' }, InvalidFilter, '"views" is number, "many" is not'],
    [{ title: 5 }, InvalidFilter, '"title" is string, 5 is not'],
    [{ at: 'soon' }, InvalidFilter, '"at" is date, "soon" is not'],
    [{ title: undefined }, InvalidFilter, '"title" is undefined'],
    [{ $or: [{ title: 'x' }, { views: undefined }] }, InvalidFilter, '"views" is undefined'],
    [{ title: { $in: ['a', undefined] } }, InvalidFilter, '"title" is undefined'],
    [{ views: { $gtt: 5 } }, InvalidFilter, 'there is no operator $gtt (on "views")'],
    [{ $orr: [] }, InvalidFilter, 'there is no operator $orr'],
    [{ $or: [] }, InvalidFilter, '$or needs a list of filters'],
    [{ tags: { $in: 'x' } }, InvalidFilter, '$in of "tags" needs a list'],
    [{ 'free.x': () => 1 }, InvalidFilter, '"free.x" is a function'],
    [{ _id: String }, InvalidFilter, '"_id" is a function'],
    [{ 'free.x': Symbol('x') }, InvalidFilter, '"free.x" is a symbol'],
    [{ 'free.x': [new Date('never')] }, InvalidFilter, '"free.x.0" is no date'],
    [{ 'free.x': { $gte: new Date('never') } }, InvalidFilter, '"free.x" is no date'],
    [{ 'free.x': 2n ** 64n }, InvalidFilter, '"free.x" has more than 64 bits'],
    [{ 'free.x': Promise.resolve(5) }, InvalidFilter, '"free.x" is a Promise'],
    [{ 'free.x': { toBSON: () => undefined } }, InvalidFilter, '"free.x" is undefined'],
    [{ author: 'somebody' }, InvalidFilter, '"author" is an id, "somebody" is not'],
    [{ author: true }, InvalidFilter, '"author" is an id, true is not'],
    [{ notes: { $elemMatch: { $or: [{ m: 1 }] } } }, UnknownPath, 'no path "notes.m"'],
    [{ notes: { $elemMatch: { n: 1, $orr: [] } } }, InvalidFilter, 'there is no operator $orr'],
    [new Map([['title', 'x']]), InvalidFilter, 'expected an object, got a Map'],
    [Object.create({ title: 'x' }), InvalidFilter, 'expected an object, got object'],
    [[{ title: 'x' }], InvalidFilter, 'expected an object, got a list'],
    ['title', InvalidFilter, 'expected an object, got string'],
    [null, InvalidFilter, 'expected an object, got null'],
  ])('%o is refused', (filter, kind, message) => {
    expect(() => check(filter)).toThrow(kind)
    expect(() => check(filter)).toThrow(message)
  })

  test('an error names the nearest path and operator', () => {
    const hint = (filter: unknown) => {
      try {
        check(filter)
      } catch (error) {
        return (error as UnknownPath).hint
      }
    }
    expect(hint({ titel: 'x' })).toBe('did you mean "title"?')
    expect(hint({ views: { $gtt: 5 } })).toBe('did you mean "$gt"?')
    expect(hint({ 'notes.bye': 5 })).toBe('did you mean "notes.by"?')
  })
})

describe('a filter on BSON types and on keys of other models', () => {
  class Account extends model('FilterAccount', { number: z.int(), code: z.string() }) {}
  class Country extends model('FilterCountry', { _id: z.string(), name: z.string() }) {}
  class Payment extends model('FilterPayment', {
    amount: decimal(),
    key: uuid(),
    data: binary(),
    big: long(),
    account: ref(() => Account, { by: 'number' }),
    country: ref(() => Country),
  }) {}
  const uid = new UUID()
  const hex = '65f0a1b2c3d4e5f607182930'

  test('takes their text', () => {
    const filter = { amount: '19.90', key: uid.toString(), big: '5', account: '371138', country: hex }
    expect(checkFilter(Payment.definition, filter)).toEqual({
      amount: Decimal128.fromString('19.90'),
      key: uid,
      big: 5n,
      account: 371138,
      country: hex,
    })
    expect(checkFilter(Payment.definition, { amount: { $gt: 19.9 } })).toEqual({
      amount: { $gt: Decimal128.fromString('19.9') },
    })
  })

  test.each([
    [{ amount: 'much' }, '"amount" is decimal, "much" is not'],
    [{ key: 'x' }, '"key" is uuid, "x" is not'],
    [{ data: 'x' }, '"data" is binary, "x" is not'],
    [{ big: '9223372036854775808' }, '"big" is long, "9223372036854775808" is not'],
    [{ account: 'x' }, '"number" is number, "x" is not'],
    [{ country: 5 }, '"_id" is string, 5 is not'],
  ])('%j is refused', (filter, message) => {
    expect(() => checkFilter(Payment.definition, filter)).toThrow(message)
  })
})

test('what comes from outside cannot smuggle operators', () => {
  expect(sanitize({ title: 'x', notes: [{ n: 1 }], at: new Date(0) })).toEqual({
    title: 'x',
    notes: [{ n: 1 }],
    at: new Date(0),
  })
  expect(() => sanitize({ title: { $ne: null } })).toThrow('"title.$ne" is an operator')
  expect(() => sanitize({ notes: [{ $where: '1' }] })).toThrow(InvalidFilter)
})
