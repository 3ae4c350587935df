// Conditions typed as `path op value` become the filter they mean, typed by the model.
import { Binary, binary, model, ref, z } from 'goose-odm'
import { expect, test } from 'vitest'
import { parseWhere } from '../../src/shell/where.ts'

class Ship extends model('WhereShip', {
  name: z.string(),
  length: z.number(),
  afloat: z.boolean(),
  built: z.date(),
  tags: z.array(z.string()).default([]),
  sister: ref(() => Ship)
    .nullable()
    .default(null),
  flag: binary().optional(),
  extra: z.any(),
}) {}

const now = new Date('2026-06-10T00:00:00Z')
const where = (text: string) => parseWhere(text, Ship.definition, now)

test.each([
  ['name=Argo', { name: 'Argo' }],
  ['name = Argo and more', { name: 'Argo and more' }],
  ['name="null"', { name: 'null' }],
  ["name='a=b'", { name: 'a=b' }],
  ['sister=null', { sister: null }],
  ['length>=20', { length: { $gte: '20' } }],
  ['length<5', { length: { $lt: '5' } }],
  ['length!=5', { length: { $ne: '5' } }],
  ['afloat=yes', { afloat: true }],
  ['afloat=false', { afloat: false }],
  ['built<-7d', { built: { $lt: new Date('2026-06-03T00:00:00Z') } }],
  ['built>+2h', { built: { $gt: new Date('2026-06-10T02:00:00Z') } }],
  ['name~=^Ar', { name: { $regex: '^Ar' } }],
  ['name~=/^ar/i', { name: { $regex: '^ar', $options: 'i' } }],
  ['name in Argo, Bounty', { name: { $in: ['Argo', 'Bounty'] } }],
  ['name not in [Argo,Bounty]', { name: { $nin: ['Argo', 'Bounty'] } }],
  ['tags exists', { tags: { $exists: true } }],
  ['tags not exists', { tags: { $exists: false } }],
  ['tags in "a,b", \'c\',d', { tags: { $in: ['a,b', 'c', 'd'] } }],
  ["name in ''", { name: { $in: [''] } }],
  ['tags exists yes', { tags: { $exists: true } }],
  ['tags exists false', { tags: { $exists: false } }],
  ['tags not exists no', { tags: { $exists: true } }],
  ['built=now', { built: now }],
  ['built<2026-01-31T12:00+02:00', { built: { $lt: new Date('2026-01-31T10:00:00Z') } }],
  ['built in 2026-01-31,-1d', { built: { $in: [new Date('2026-01-31'), new Date('2026-06-09')] } }],
  ['flag=AQID/w==', { flag: new Binary(Buffer.from([1, 2, 3, 255])) }],
  ['extra.a=5', { 'extra.a': 5 }],
  ['extra.a="5"', { 'extra.a': '5' }],
])('%s', (text, filter) => {
  expect(where(text)).toEqual(filter)
})

test.each(['name', '', '=5', 'name ? 5', 'in a,b'])('%j is no condition, and says how to write one', text => {
  expect(() => where(text)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('--where') }),
  )
})

test.each([
  ['$where=1', 'begins with no path'],
  ['$or=1', 'begins with no path'],
  ['name in', 'lists no values'],
  ['name in []', 'lists no values'],
  ['name in a,,b', 'lists no values, or an empty one'],
  ['name in a,', 'lists no values, or an empty one'],
  ['name exists maybe', '"maybe" is neither true nor false'],
  ['built<yesterday', '"yesterday" is no time'],
  ['built<5', '"5" is no time'],
  ['built=2026-02-30', '"2026-02-30" is no time'],
  ['built<-1y', '"-1y" is no time'],
])('%j cannot be meant', (text, message) => {
  expect(() => where(text)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
  )
})

test('a broken regular expression is refused with its fault', () => {
  expect(() => where('name~=(')).toThrow(/Unterminated group|missing \)/i)
})
