// Groups and joins over stored documents: what is read by bytes or by a hash answers as any other way.
import { Decimal128, Double, Int32, Long, ObjectId } from 'mongodb'
import { expect, test } from 'vitest'
import { useDatabase } from '../../support/database.ts'

const database = useDatabase()
const passedOn = { $addFields: { passedOn: true } }

test('keys that are equal are one group, whatever their types, in storage as behind another stage', async () => {
  const id = new ObjectId()
  const keys = [
    new Int32(5),
    new Double(5),
    Long.fromNumber(5),
    Decimal128.fromString('5.00'),
    5.5,
    'five',
    'x'.repeat(100),
    id,
    new Date(5),
    null,
    true,
    [1, 2],
    { a: 1 },
  ]
  const rows = [...keys, ...keys].map((key, n) => ({ n, key }))
  const collection = database.db.collection('grouped')
  await collection.insertMany([...rows, { n: 100 }, { n: 101, other: 1, key: 'five' }])

  const group = { $group: { _id: '$key', count: { $sum: 1 }, all: { $push: '$n' } } }
  const stored = await collection.aggregate([group, { $sort: { all: 1 } }]).toArray()
  const behind = await collection.aggregate([passedOn, group, { $sort: { all: 1 } }]).toArray()
  expect(stored).toEqual(behind)
  expect(stored.find(({ _id }) => _id === 'five')?.count).toBe(3)
  expect(stored.find(({ _id }) => _id === null)?.all).toEqual([9, 22, 100])
  expect(stored.filter(({ all }) => all.includes(0))).toEqual([{ _id: 5, count: 8, all: [0, 1, 2, 3, 13, 14, 15, 16] }])
})

test('more keys than are kept by their bytes are all groups', async () => {
  const collection = database.db.collection('many')
  await collection.insertMany(Array.from({ length: 3000 }, (_, n) => ({ key: `key ${n % 1000}` })))
  const groups = await collection.aggregate([{ $group: { _id: '$key', count: { $sum: 1 } } }]).toArray()
  expect(groups).toHaveLength(1000)
  expect(new Set(groups.map(({ count }) => count))).toEqual(new Set([3]))
})

test('a graph is walked to its end, as a chain of single steps and as a wide tree', async () => {
  const nodes = database.db.collection<{ _id: number; parent: number; next: number | null }>('nodes')
  await nodes.insertMany(
    Array.from({ length: 1500 }, (_, n) => ({
      _id: n,
      parent: Math.floor((n - 1) / 9),
      next: n < 1499 ? n + 1 : null,
    })),
  )
  await nodes.createIndex({ parent: 1 })
  const lookup = { from: 'nodes', as: 'found', depthField: 'depth' }
  const [tree] = await nodes
    .aggregate([
      { $match: { _id: 0 } },
      { $graphLookup: { ...lookup, startWith: '$_id', connectFromField: '_id', connectToField: 'parent' } },
    ])
    .toArray()
  expect(tree?.found.map(({ _id }: { _id: number }) => _id).sort((a: number, b: number) => a - b)).toEqual(
    Array.from({ length: 1499 }, (_, n) => n + 1),
  )
  const [chain] = await nodes
    .aggregate([
      { $match: { _id: 0 } },
      { $graphLookup: { ...lookup, startWith: '$next', connectFromField: 'next', connectToField: '_id' } },
    ])
    .toArray()
  expect(chain?.found).toHaveLength(1499)
  for (const { _id, depth } of chain?.found ?? []) expect(Number(depth)).toBe(_id - 1)
})

test('a $lookup finds the same before and after it reads all documents', async () => {
  const [outer, inner] = [database.db.collection<{ _id: number }>('outer'), database.db.collection('inner')]
  await outer.insertMany(Array.from({ length: 600 }, (_, n) => ({ _id: n })))
  await inner.insertMany(Array.from({ length: 900 }, (_, n) => ({ outer: n % 300, n })))
  await inner.createIndex({ outer: 1 })
  const rows = await outer
    .aggregate([
      { $lookup: { from: 'inner', localField: '_id', foreignField: 'outer', as: 'found' } },
      { $sort: { _id: 1 } },
    ])
    .toArray()
  for (const { _id, found } of rows)
    expect(found.map(({ n }: { n: number }) => n)).toEqual(_id < 300 ? [_id, _id + 300, _id + 600] : [])
})
