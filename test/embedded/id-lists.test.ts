// Lists of ids: found by looking for each, with whatever else is asked of the documents.
import { type Collection, ObjectId } from 'mongodb'
import { beforeEach, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

interface Item {
  readonly _id: ObjectId | string
  readonly n: number
  readonly tags?: readonly string[]
}

const database = useDatabase()
let items: Collection<Item>

// The first ids follow each other, as those of one process do; some end with the highest byte.
const ids = [
  ...Array.from(
    { length: 40 },
    (_, n) => new ObjectId(`65a0000000000000000000${(0xe0 + n).toString(16).padStart(4, '0').slice(-2)}`),
  ),
  ...Array.from(
    { length: 40 },
    (_, n) => new ObjectId(`65a00000000000000000${(n * 7 + 256).toString(16).padStart(4, '0')}`),
  ),
]
const wanted = ids.filter((_, n) => n % 3 !== 1)
const numbersOf = (found: readonly { n: number }[]) => found.map(({ n }) => n).sort((a, b) => a - b)

beforeEach(async () => {
  items = database.db.collection('items')
  await items.drop().catch(() => undefined)
  await items.createIndex({ n: 1 })
  const there = [...new Map(ids.map(id => [String(id), id])).values()]
  await items.insertMany([...there.map((_id, n) => ({ _id, n, tags: ['a', 'b'] })), { _id: 'text', n: 900 }])
})

test('all of them are found, and no other', async () => {
  const found = await items.find({ _id: { $in: wanted } }).toArray()
  expect(new Set(found.map(({ _id }) => String(_id)))).toEqual(new Set(wanted.map(String)))
})

test('what else is asked still counts, wherever the list stands in the filter', async () => {
  const all = await items.find({ _id: { $in: wanted } }).toArray()
  const few = numbersOf(all.filter(({ n }) => n < 20))
  const list = { _id: { $in: wanted } }
  for (const filter of [
    { ...list, n: { $lt: 20 } },
    { $and: [list, { n: { $lt: 20 } }] },
    { $and: [{ n: { $lt: 20 } }, { $and: [list] }] },
    { _id: { $in: wanted, $exists: true }, n: { $lt: 20 } },
    { $and: [list, { _id: { $in: ids } }], n: { $lt: 20 } },
  ])
    expect([filter, numbersOf(await items.find(filter as never).toArray())]).toEqual([filter, few])
  expect(await items.find({ $and: [list, { _id: { $nin: wanted } }] } as never).toArray()).toEqual([])
  expect(await items.countDocuments({ $or: [{ ...list, n: { $lt: 20 } }, { n: 900 }] } as never)).toBe(few.length + 1)
})

test('a list of several types, with patterns, finds each by what it is', async () => {
  const found = await items.find({ _id: { $in: [/^te/, wanted[0], 'text', null] as never } }).toArray()
  expect(numbersOf(found)).toEqual([0, 900])
})

test('a cursor through a list goes on behind its batches, and in the order that is asked for', async () => {
  const sorted = await items.find({ _id: { $in: wanted } }, { batchSize: 3, sort: { _id: -1 } }).toArray()
  const texts = sorted.map(({ _id }) => String(_id))
  expect(texts).toEqual([...new Set(wanted.map(String))].sort().reverse())
})

test('an update by a list and a condition changes the element that the condition found', async () => {
  await items.updateMany({ _id: { $in: wanted }, tags: 'b' } as never, { $set: { 'tags.$': 'c' } } as never)
  expect(await items.countDocuments({ tags: ['a', 'c'] } as never)).toBe(new Set(wanted.map(String)).size)
})
