// Tests that updates change documents as told, and leave the old documents alone.
import { Decimal128, Int32 } from 'mongodb'
import { describe, expect, test } from 'vitest'
import type { Document } from '../../src/embedded/bson/decode.ts'
import { document, plainOf, value } from '../../src/embedded/bson/literal.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { compileFilter } from '../../src/embedded/match/filter.ts'
import { compileUpdate, type UpdateOptions } from '../../src/embedded/update/update.ts'
import { upsertSeed } from '../../src/embedded/update/upsert.ts'
import { pick, type Random, randomFrom } from '../support/random-values.ts'

function updated(before: object, update: object, options: UpdateOptions = {}): unknown {
  return plainOf(compileUpdate(document({ ...update }), options).apply(document({ ...before })))
}

function codeOf(action: () => unknown): number | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof CommandError) return error.code
    throw error
  }
  return undefined
}

type Item = number | null
type Plain = { readonly [name: string]: number | readonly Item[] | undefined }

/** One random operation on a field, and the value it leaves there in a simple model. */
function randomOperation(random: Random, plain: Plain): readonly [update: object, field: string, value: Plain[string]] {
  const name = pick(random, ['a', 'b', 'c'])
  const list = pick(random, ['l', 'm'])
  const number = Math.floor(random() * 5)
  const old = (plain[name] ?? 0) as number
  const stored = plain[list] as readonly Item[] | undefined
  const items = stored ?? []
  const operations: readonly ReturnType<typeof randomOperation>[] = [
    [{ $set: { [name]: number } }, name, number],
    [{ $unset: { [name]: '' } }, name, undefined],
    [{ $inc: { [name]: number } }, name, old + number],
    [{ $mul: { [name]: number } }, name, old * number],
    [{ $max: { [name]: number } }, name, Math.max((plain[name] ?? number) as number, number)],
    [{ $push: { [list]: number } }, list, [...items, number]],
    [{ $push: { [list]: { $each: [number], $position: 0, $slice: 3 } } }, list, [number, ...items].slice(0, 3)],
    [{ $addToSet: { [list]: number } }, list, items.includes(number) ? items : [...items, number]],
    [{ $pull: { [list]: { $gte: number } } }, list, stored?.filter(item => item === null || item < number)],
    [{ $pop: { [list]: -1 } }, list, stored?.slice(1)],
    [{ $set: { [`${list}.1`]: number } }, list, [items[0] ?? null, number, ...items.slice(2)]],
  ]
  return pick(random, stored ? operations : operations.slice(0, -1))
}

test('random histories of updates give what a simple model gives', () => {
  const random = randomFrom(77)
  for (let history = 0; history < 60; history++) {
    let plain: Plain = {}
    let stored: Document = document({ _id: history })
    for (let step = 0; step < 40; step++) {
      const [update, field, expected] = randomOperation(random, plain)
      const before = plainOf(stored)
      const after = compileUpdate(document({ ...update })).apply(stored)
      expect(plainOf(stored)).toEqual(before)
      stored = after
      plain = { ...plain, [field]: expected }
      expect(plainOf(stored)).toEqual({ _id: history, ...plain })
    }
  }
})

describe('an update', () => {
  test('that changes nothing gives the same document', () => {
    const before = document({ a: 1, l: [1, 2], o: { x: 1 } })
    for (const update of [
      { $set: { a: 1, 'o.x': 1 } },
      { $inc: { a: 0 } },
      { $addToSet: { l: 2 } },
      { $pull: { l: 9 } },
      { $unset: { zz: 1 } },
      { $max: { a: 0 } },
      { $push: { l: { $each: [] } } },
    ])
      expect(compileUpdate(document(update)).apply(before)).toBe(before)
  })

  test('copies only what it changes', () => {
    const before = document({ o: { x: 1 }, p: { y: 1 } })
    const after = compileUpdate(document({ $set: { 'o.x': 2 } })).apply(before)
    expect(after.get('p')).toBe(before.get('p'))
    expect(plainOf(before)).toEqual({ o: { x: 1 }, p: { y: 1 } })
  })

  test('creates new fields in the order of their names, indexes by number', () => {
    const update = { $set: { z: 1, 'n.10': 1, 'n.9': 2, b: 3 } }
    expect([
      ...compileUpdate(document(update))
        .apply(document({ _id: 1 }))
        .keys(),
    ]).toEqual(['_id', 'b', 'n', 'z'])
    expect(JSON.stringify([...(compileUpdate(document(update)).apply(document({})).get('n') as Document).keys()])).toBe(
      '["9","10"]',
    )
  })

  test('keeps number types: int32 grows to int64, decimals stay exact', () => {
    const before = document({ i: 2147483647, d: 0.5, n: Decimal128.fromString('0.1'), l: 1n })
    const after = compileUpdate(document({ $inc: { i: 1, d: 1, n: Decimal128.fromString('0.2'), l: 1 } })).apply(before)
    expect(after.get('i')).toBe(2147483648n)
    expect(after.get('d')).toBe(1.5)
    expect(String(after.get('n'))).toBe('0.3')
    expect(after.get('l')).toBe(2n)
    expect(
      compileUpdate(document({ $inc: { i: -1 } }))
        .apply(document({ i: 5 }))
        .get('i'),
    ).toEqual(new Int32(4))
  })

  test('finds the element of $ by the filter', () => {
    const filter = compileFilter(document({ 'o.x': 2 }))
    expect(updated({ o: [{ x: 1 }, { x: 2 }] }, { $set: { 'o.$.y': 9 } }, { filter })).toEqual({
      o: [{ x: 1 }, { x: 2, y: 9 }],
    })
    expect(codeOf(() => updated({ o: [] }, { $set: { 'o.$': 1 } }))).toBe(2)
  })

  test('changes the elements that array filters name', () => {
    const arrayFilters = [value({ 'i.x': { $gt: 1 } }), value({ j: 0 })]
    const before = {
      o: [
        { x: 1, q: [0] },
        { x: 2, q: [0, 1, 0] },
      ],
    }
    expect(updated(before, { $inc: { 'o.$[i].q.$[j]': 5 } }, { arrayFilters })).toEqual({
      o: [
        { x: 1, q: [0] },
        { x: 2, q: [5, 1, 5] },
      ],
    })
  })

  test('of one place in two ways is refused, also where placeholders meet', () => {
    expect(codeOf(() => compileUpdate(document({ $set: { a: 1 }, $inc: { 'a.b': 1 } })))).toBe(40)
    const arrayFilters = [value({ i: 1 }), value({ j: { $lt: 5 } })]
    expect(codeOf(() => updated({ l: [1] }, { $set: { 'l.$[i]': 2, 'l.$[j]': 3 } }, { arrayFilters }))).toBe(40)
    expect(updated({ l: [1] }, { $set: { 'l.$[i]': 2 } }, { arrayFilters: arrayFilters.slice(0, 1) })).toEqual({
      l: [2],
    })
  })

  test('through a scalar is refused, but $unset does nothing there', () => {
    expect(codeOf(() => updated({ a: 5 }, { $set: { 'a.b': 1 } }))).toBe(28)
    expect(codeOf(() => updated({ a: 5 }, { $pull: { 'a.b': 1 } }))).toBe(28)
    expect(updated({ a: 5 }, { $unset: { 'a.b': 1 } })).toEqual({ a: 5 })
  })

  test('never changes _id', () => {
    for (const update of [{ $set: { _id: 2 } }, { $unset: { _id: 1 } }, { $inc: { _id: 1 } }, { _id: 2, a: 1 }])
      expect(codeOf(() => updated({ _id: 1 }, update))).toBe(66)
    expect(updated({ _id: 1, a: 1 }, { a: 2 })).toEqual({ _id: 1, a: 2 })
  })

  test('applies $setOnInsert only to inserted documents', () => {
    const update = compileUpdate(document({ $set: { a: 1 }, $setOnInsert: { b: 2 } }))
    expect(plainOf(update.apply(document({ _id: 1 })))).toEqual({ _id: 1, a: 1 })
    expect(plainOf(update.apply(document({ _id: 1 }), { inserting: true }))).toEqual({ _id: 1, a: 1, b: 2 })
  })

  test('tells which top-level fields it may change', () => {
    expect(compileUpdate(document({ $set: { 'a.b': 1 }, $rename: { c: 'd.e' } })).paths).toEqual(
      new Set(['a', 'c', 'd']),
    )
    expect(compileUpdate(document({ a: 1 })).paths).toBeNull()
  })
})

test('an upsert starts with the fields that the filter demands', () => {
  const filter = {
    a: 1,
    b: { $eq: 2 },
    c: { $gt: 3 },
    'd.e': 4,
    $and: [{ f: 5 }],
    $or: [{ g: 6 }],
    h: { $all: [7] },
    _id: 9,
  }
  const seed = upsertSeed(document(filter))
  expect(plainOf(seed)).toEqual({ _id: 9, a: 1, b: 2, d: { e: 4 }, f: 5, g: 6, h: 7 })
  expect([...seed.keys()][0]).toBe('_id')
  expect(codeOf(() => upsertSeed(document({ a: 1, $and: [{ a: 2 }] })))).toBe(54)
})
