import {
  Binary,
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
    [{ author: 'somebody' }, InvalidFilter, '"author" is objectId, "somebody" is not'],
    [{ author: true }, InvalidFilter, '"author" is objectId, true is not'],
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

class Coded extends model('FilterCoded', { _id: z.string() }) {}
class Counted extends model('FilterCounted', { _id: z.int(), number: z.int() }) {}
class Known extends model('FilterKnown', { _id: uuid() }) {}
class Sale extends model('FilterSale', {
  price: decimal(),
  total: long(),
  token: uuid(),
  bytes: binary(),
  shop: ref(() => Coded),
  till: ref(() => Counted),
  byNumber: ref(() => Counted, { by: 'number' }),
  customer: ref(() => Known),
  post: ref(() => Post),
}) {}

describe('a value is compared in the type in which its field is stored', () => {
  const sale = (filter: unknown) => checkFilter(Sale.definition, filter)
  const uuidText = '11111111-2222-4333-8444-555555555555'

  test('numbers of BSON, UUIDs and bytes', () => {
    expect(sale({ price: '0.90', total: '9007199254740993', token: uuidText, bytes: Buffer.from('ab') })).toEqual({
      price: Decimal128.fromString('0.90'),
      total: 9007199254740993n,
      token: new UUID(uuidText),
      bytes: new Binary(Buffer.from('ab')),
    })
    expect(sale({ price: { $gt: 0.9 } })).toEqual({ price: { $gt: Decimal128.fromString('0.9') } })
  })

  test('keys of references, as the model they refer to stores them', () => {
    const hex = id.toHexString()
    expect(
      sale({ shop: hex, till: '7', byNumber: { $in: ['8', { number: 9 }] }, customer: uuidText, post: hex }),
    ).toEqual({ shop: hex, till: 7, byNumber: { $in: [8, 9] }, customer: new UUID(uuidText), post: id })
    expect(sale({ post: { _id: hex } })).toEqual({ post: id })
    expect(checkFilter(Known.definition, { _id: uuidText })).toEqual({ _id: new UUID(uuidText) })
    expect(checkFilter(Counted.definition, { _id: '5' })).toEqual({ _id: 5 })
    expect(sale({ shop: /^a/ })).toEqual({ shop: /^a/ })
  })

  test.each([
    [{ price: 'cheap' }, '"price" is decimal, "cheap" is not'],
    [{ price: { $ne: 'cheap' } }, '"price" is decimal'],
    [{ token: 'x' }, '"token" is uuid, "x" is not'],
    [{ bytes: 'AQID' }, '"bytes" is binary'],
    [{ total: '9223372036854775808' }, '"total" is long, "9223372036854775808" is not'],
    [{ total: 2 ** 53 }, '"total" is long, 9007199254740992 is not'],
    [{ post: 'abc' }, '"post" is objectId, "abc" is not'],
    [{ post: 5 }, '"post" is objectId, 5 is not'],
    [{ till: 'abc' }, '"till" is number, "abc" is not'],
    [{ shop: 5 }, '"shop" is string, 5 is not'],
    [{ customer: 'abc' }, '"customer" is uuid'],
    [{ _id: 'abc' }, '"_id" is objectId, "abc" is not'],
    [{ _id: { $in: ['abc'] } }, '"_id" is objectId'],
    [{ price: /9/ }, '"price" is decimal, and regular expressions look at text'],
    [{ price: { $regex: '9' } }, '"price" is decimal, and regular expressions look at text'],
    [{ post: { $not: /9/ } }, '"post" is objectId, and regular expressions look at text'],
  ])('%j, which could never be equal, is refused', (filter, message) => {
    expect(() => sale(filter)).toThrow(message)
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
