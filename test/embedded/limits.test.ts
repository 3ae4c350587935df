// Tests the embedded database where it comes to a limit: of time, of memory, of what a cursor still finds.
import { setTimeout } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { compileSort } from '../../src/embedded/values/sort.ts'
import { SortedRuns } from '../../src/embedded/values/sorted-runs.ts'
import { useDatabase } from '../support/database.ts'

const onServer = process.env.GOOSE_TEST_URI !== undefined

describe('a sort of more than its memory', () => {
  const runsOf = (limit: number, { allowsDisk = true } = {}) =>
    new SortedRuns<number>({
      compare: (a, b) => Math.floor(a) - Math.floor(b),
      sizeOf: () => 8,
      toBytes: number => Buffer.from(String(number)),
      fromBytes: bytes => Number(bytes.toString()),
      limit,
      allowsDisk,
      memory: 800,
    })
  const numbers = Array.from({ length: 5000 }, (_, n) => ((n * 7919) % 500) + n / 10_000)
  const inOrder = [...numbers].sort((a, b) => Math.floor(a) - Math.floor(b))

  test('gives all in order, equal ones as they came', () => {
    const runs = runsOf(Number.POSITIVE_INFINITY)
    for (const number of numbers) runs.add(number)
    expect([...runs.items()]).toEqual(inOrder)
  })

  test.each([1, 7, 90, 400, 10_000])('gives the first %i', limit => {
    const runs = runsOf(limit)
    for (const number of numbers) if (!runs.isBeyond(number)) runs.add(number)
    expect([...runs.items()]).toEqual(inOrder.slice(0, limit))
  })

  test('is refused where no file may be used', () => {
    const runs = runsOf(Number.POSITIVE_INFINITY, { allowsDisk: false })
    const fill = () => numbers.forEach(number => void runs.add(number))
    expect(fill).toThrow(expect.objectContaining({ code: 292 }))
  })

  test('counts the first value of each path where no array is met', () => {
    const sort = compileSort(new Map([['a.b', -1 as never]]))
    expect(sort.key(new Map([['a', new Map([['b', 3]])]]))).toEqual([3])
    expect(sort.key(new Map([['a', 5]]))).toEqual([null])
  })
})

describe.skipIf(onServer)('on the embedded database', () => {
  const database = useDatabase()
  const numbers = () => database.db.collection<{ _id: number; n?: number }>('numbers')

  beforeEach(async () => {
    await database.db.dropDatabase()
    await numbers().insertMany(Array.from({ length: 5000 }, (_, _id) => ({ _id, n: _id % 10 })))
  })

  describe('large sorts', () => {
    const large = () => database.db.collection<{ _id: number; key: number }>('large')
    const body = 'x'.repeat(1_000_000)

    beforeEach(async () => {
      for (let n = 0; n < 110; n += 22)
        await large().insertMany(
          Array.from({ length: 22 }, (_, i) => ({ _id: n + i, key: ((n + i) * 37) % 110, body })),
        )
    })

    test('go through a file, and are refused where that is not allowed', { timeout: 60_000 }, async () => {
      const keys: number[] = []
      for await (const { key } of large().find().sort({ key: 1 }).batchSize(20)) keys.push(key)
      expect(keys).toEqual(Array.from({ length: 110 }, (_, key) => key))
      await expect(large().find().sort({ key: 1 }).allowDiskUse(false).toArray()).rejects.toMatchObject({ code: 292 })
      expect(
        await large().find().sort({ key: 1 }).limit(2).allowDiskUse(false).project({ key: 1 }).toArray(),
      ).toHaveLength(2)
    })
  })

  describe('maxTimeMS', () => {
    const counting = { $reduce: { input: { $range: [0, 3000] }, initialValue: 0, in: { $add: ['$$value', '$$this'] } } }

    test('stops a pipeline between documents', async () => {
      const pipeline = [{ $set: { sum: counting } }, { $group: { _id: null, sum: { $sum: '$sum' } } }]
      const running = numbers().aggregate(pipeline, { maxTimeMS: 30 }).toArray()
      await expect(running).rejects.toMatchObject({ code: 50, codeName: 'MaxTimeMSExpired' })
    })

    test('stops an update as a whole', async () => {
      const command = {
        update: 'numbers',
        maxTimeMS: 30,
        updates: [{ q: {}, u: [{ $set: { n: counting } }], multi: true }],
      }
      await expect(database.db.command(command)).rejects.toMatchObject({ code: 50 })
      expect(await numbers().countDocuments({ n: { $gt: 9 } })).toBe(0)
    })

    test('does not count the time between batches', async () => {
      const cursor = numbers().find({}, { maxTimeMS: 1000, batchSize: 10 })
      await cursor.next()
      await setTimeout(1100)
      expect(await cursor.toArray()).toHaveLength(4999)
    })
  })

  test('killOp stops a cursor that waits for more', async () => {
    await database.db.createCollection('log', { capped: true, size: 10_000 })
    await database.db.collection('log').insertOne({ n: 1 })
    const cursor = database.db.collection('log').find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 20_000 })
    await cursor.next()
    const waiting = cursor.next()
    const admin = database.client.db('admin')
    for (let killed = false; !killed; await setTimeout(5)) {
      const { inprog } = await admin.command({ currentOp: 1, op: 'getmore' })
      for (const { opid } of inprog) await admin.command({ killOp: 1, op: opid })
      killed = inprog.length > 0
    }
    await expect(waiting).rejects.toMatchObject({ code: 11601 })
  })

  describe('a collection that loses all documents at once', () => {
    test.each([{}, { _id: { $gte: 0 } }])('by %j, counts them and is empty, indexes and all', async filter => {
      await numbers().createIndex({ n: 1 }, { name: 'by_n' })
      const { uuid } = await information()
      expect(await numbers().deleteMany(filter)).toMatchObject({ deletedCount: 5000 })
      expect(await numbers().countDocuments()).toBe(0)
      expect(await numbers().countDocuments({ n: 3 })).toBe(0)
      expect((await numbers().indexes()).map(({ name }) => name)).toEqual(['_id_', 'by_n'])
      expect((await information()).uuid).toEqual(uuid)
      await numbers().insertMany([{ _id: 1, n: 3 }, { _id: 2 }])
      expect(await numbers().find({ n: 3 }).toArray()).toEqual([{ _id: 1, n: 3 }])
      expect(await database.db.command({ validate: 'numbers' })).toMatchObject({ valid: true, nrecords: 2 })
    })

    test('gives a cursor that is open no further documents', async () => {
      const cursor = numbers().find().batchSize(10)
      await cursor.next()
      await numbers().deleteMany({})
      await numbers().insertOne({ _id: 9000 })
      expect((await cursor.toArray()).every(({ _id }) => _id < 20)).toBe(true)
    })

    test('conflicts with a transaction that writes to it', async () => {
      const session = database.client.startSession()
      session.startTransaction()
      await numbers().updateOne({ _id: 1 }, { $set: { n: 100 } }, { session })
      await numbers().deleteMany({})
      await expect(session.commitTransaction()).rejects.toMatchObject({ code: 112 })
      await session.endSession()
      expect(await numbers().countDocuments()).toBe(0)
    })

    test('in a transaction, comes back when that is aborted', async () => {
      const session = database.client.startSession()
      session.startTransaction()
      expect(await numbers().deleteMany({}, { session })).toMatchObject({ deletedCount: 5000 })
      expect(await numbers().countDocuments({}, { session })).toBe(0)
      await session.abortTransaction()
      await session.endSession()
      expect(await numbers().countDocuments()).toBe(5000)
    })

    async function information() {
      const [found] = await database.db.listCollections({ name: 'numbers' }).toArray()
      return (found as unknown as { info: { uuid: unknown } }).info
    }
  })

  test.each(['drop', 'rename'] as const)('a cursor ends with an error after a %s', async change => {
    const cursor = numbers().find().batchSize(10)
    await cursor.next()
    await (change === 'drop' ? numbers().drop() : numbers().rename('others'))
    await expect(cursor.toArray()).rejects.toMatchObject({ code: 175 })
  })

  test('long lists of values are looked up in the index', async () => {
    const ids = Array.from({ length: 500 }, (_, n) => n * 3)
    const plan = await numbers()
      .find({ _id: { $in: ids }, n: { $gte: 0 } })
      .explain('executionStats')
    expect(plan.executionStats).toMatchObject({ nReturned: 500, totalKeysExamined: 500, totalDocsExamined: 500 })
    await numbers().createIndex({ n: 1 })
    const other = await numbers()
      .find({ _id: { $in: ids }, n: { $gte: 0 } })
      .explain('executionStats')
    expect(other.executionStats.totalKeysExamined).toBe(500)
  })

  test('counts of a range read no documents', async () => {
    await numbers().createIndex({ n: 1 })
    expect(await numbers().countDocuments({ n: { $lt: 3 } })).toBe(1500)
    expect(await numbers().countDocuments({ n: { $lt: 3 } }, { skip: 100, limit: 50 })).toBe(50)
    expect(await numbers().countDocuments()).toBe(5000)
  })
})
