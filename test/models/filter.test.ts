import { InvalidFilter, model, ObjectId, ref, sanitize, UnknownPath, z } from 'goose-odm'
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
    ['title', InvalidFilter, 'expected an object, got string'],
    [null, InvalidFilter, 'expected an object, got null'],
  ])('%j is refused', (filter, kind, message) => {
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

test('what comes from outside cannot smuggle operators', () => {
  expect(sanitize({ title: 'x', notes: [{ n: 1 }], at: new Date(0) })).toEqual({
    title: 'x',
    notes: [{ n: 1 }],
    at: new Date(0),
  })
  expect(() => sanitize({ title: { $ne: null } })).toThrow('"title.$ne" is an operator')
  expect(() => sanitize({ notes: [{ $where: '1' }] })).toThrow(InvalidFilter)
})
