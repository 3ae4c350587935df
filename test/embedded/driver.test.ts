// The driver of today, unmodified, on the embedded database: what an application does every day.
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { GridFSBucket, MongoBulkWriteError, ObjectId } from 'mongodb'
import { beforeEach, describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()
let number = 0
let posts = database.name
const collection = () => database.db.collection<{ _id?: number | ObjectId; [name: string]: unknown }>(posts)

beforeEach(() => {
  posts = `posts${number++}`
})

const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ _id: n, n }))

describe('cursors', () => {
  test('give everything in batches of the size asked for', async () => {
    await collection().insertMany(numbered(25))
    const cursor = collection().find().batchSize(10)
    await cursor.next()
    expect(cursor.bufferedCount()).toBe(9)
    expect(cursor.id?.isZero()).toBe(false)
    expect((await cursor.toArray()).map(({ n }) => n)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1))
  })

  test('that are closed early are gone from the server', async () => {
    await collection().insertMany(numbered(25))
    const cursor = collection().find().batchSize(2)
    await cursor.next()
    const id = cursor.id
    await cursor.close()
    await expect(database.db.command({ getMore: id, collection: posts })).rejects.toMatchObject({ code: 43 })
  })

  test('see no document twice while others are inserted and deleted', async () => {
    await collection().insertMany(numbered(100))
    const seen: unknown[] = []
    for await (const { _id } of collection().find().batchSize(7)) {
      seen.push(_id)
      if (seen.length === 20) await collection().insertMany(numbered(20).map(({ n }) => ({ _id: 1000 + n })))
      if (seen.length === 30) await collection().deleteMany({ _id: { $gte: 50, $lt: 60 } })
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter(id => Number(id) >= 50 && Number(id) < 60)).toEqual([])
  })

  test('of large documents come in several replies by themselves', async () => {
    const large = 'x'.repeat(3_000_000)
    await collection().insertMany(numbered(12).map(one => ({ ...one, large })))
    const lengths = await collection()
      .find()
      .map(one => (one.large as string).length)
      .toArray()
    expect(lengths).toEqual(Array(12).fill(3_000_000))
  })

  test('of sorted, skipped, limited and projected documents', async () => {
    await collection().insertMany(numbered(50))
    const found = collection().find({ n: { $gte: 10 } }, { projection: { _id: 0 } })
    expect(await found.sort({ n: -1 }).skip(5).limit(3).toArray()).toEqual([{ n: 44 }, { n: 43 }, { n: 42 }])
  })
})

describe('bulk writes', () => {
  const operations = [
    { insertOne: { document: { _id: 1 } } },
    { insertOne: { document: { _id: 1 } } },
    { updateOne: { filter: { _id: 2 }, update: { $set: { late: true } }, upsert: true } },
    { deleteOne: { filter: { _id: 9 } } },
  ]

  test('stop at the first error when they are ordered', async () => {
    const error = await collection()
      .bulkWrite(operations)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MongoBulkWriteError)
    expect(error).toMatchObject({ code: 11000, result: { insertedCount: 1, upsertedCount: 0 } })
    expect(await collection().countDocuments()).toBe(1)
  })

  test('go on when they are not', async () => {
    const error = await collection()
      .bulkWrite(operations, { ordered: false })
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 11000, result: { insertedCount: 1, upsertedCount: 1 } })
    expect((error as MongoBulkWriteError).writeErrors).toMatchObject([{ index: 1, code: 11000 }])
    expect(await collection().find().sort({ _id: 1 }).toArray()).toEqual([{ _id: 1 }, { _id: 2, late: true }])
  })

  test('count what each kind did', async () => {
    await collection().insertMany(numbered(4))
    const result = await collection().bulkWrite([
      { updateMany: { filter: { n: { $lt: 2 } }, update: { $inc: { n: 10 } as never } } },
      { replaceOne: { filter: { n: 3 }, replacement: { replaced: true } } },
      { deleteMany: { filter: { n: { $gte: 10 } } } },
      { updateOne: { filter: { _id: 7 }, update: [{ $set: { made: { $add: [1, 2] } } }], upsert: true } },
    ])
    expect(result).toMatchObject({ matchedCount: 3, modifiedCount: 3, deletedCount: 2, upsertedCount: 1 })
    expect(result.upsertedIds).toEqual({ 3: 7 })
  })

  test('of thousands of documents arrive whole and in order', async () => {
    await collection().insertMany(numbered(20_000), { ordered: true })
    expect(await collection().countDocuments()).toBe(20_000)
    expect((await collection().find().sort({ $natural: -1 }).limit(1).toArray())[0]?.n).toBe(19_999)
  })
})

describe('one document', () => {
  test('is changed and given as it was, or as it is', async () => {
    await collection().insertMany(numbered(3))
    const before = await collection().findOneAndUpdate(
      { n: { $gt: 0 } },
      { $inc: { n: 10 } as never },
      { sort: { n: -1 } },
    )
    expect(before).toEqual({ _id: 2, n: 2 })
    const options = { returnDocument: 'after', projection: { _id: 0 } } as const
    expect(await collection().findOneAndUpdate({ _id: 2 }, [{ $set: { m: '$n' } }], options)).toEqual({ n: 12, m: 12 })
    expect(await collection().findOneAndReplace({ _id: 2 }, { z: 1 }, { returnDocument: 'after' })).toEqual({
      _id: 2,
      z: 1,
    })
    expect(await collection().findOneAndDelete({ _id: 2 })).toEqual({ _id: 2, z: 1 })
    expect(await collection().findOneAndDelete({ _id: 2 })).toBeNull()
  })

  test('is made where there was none', async () => {
    const result = await collection().findOneAndUpdate(
      { key: 'a' },
      { $setOnInsert: { made: true }, $set: { n: 1 } },
      { upsert: true, returnDocument: 'after', includeResultMetadata: true },
    )
    expect(result.lastErrorObject).toMatchObject({ updatedExisting: false, n: 1 })
    expect(result.value).toMatchObject({ key: 'a', made: true, n: 1 })
  })

  test('is made of what its filter demands, and of nothing that no document can be made of', async () => {
    const filter = { a: 1, b: { $in: [2] }, c: { $in: [3, 4] }, d: { $gt: 5 } }
    await collection().updateOne(filter, { $set: { e: 6 } }, { upsert: true })
    expect(await collection().findOne({}, { projection: { _id: 0 } })).toEqual({ a: 1, b: 2, e: 6 })
    const computed = collection().updateOne({ $expr: { $eq: ['$a', 1] } }, { $set: { e: 7 } }, { upsert: true })
    await expect(computed).rejects.toMatchObject({ code: 224 })
  })

  test('keeps the order and the types of its fields', async () => {
    const stored = { z: 1, a: new Date(0), _id: new ObjectId(), m: [null, { y: /x/i, b: -0 }], s: '\u{1F44D}' }
    await collection().insertOne(stored)
    const found = await collection().findOne({})
    expect(Object.keys(found!)).toEqual(['_id', 'z', 'a', 'm', 's'])
    expect(found).toEqual(stored)
  })
})

describe('collections and indexes', () => {
  test('are listed as they were made', async () => {
    await database.db.createCollection(posts, { validator: { n: { $type: 'int' } }, collation: { locale: 'en' } })
    await collection().createIndexes([
      { key: { n: 1 }, unique: true },
      { key: { a: -1, b: 1 }, name: 'both', sparse: true },
      { key: { at: 1 }, expireAfterSeconds: 60 },
    ])
    const [listed] = await database.db.listCollections({ name: posts }).toArray()
    expect(listed).toMatchObject({ name: posts, type: 'collection', options: { validator: { n: { $type: 'int' } } } })
    expect((await collection().listIndexes().toArray()).map(({ name }) => name)).toEqual([
      '_id_',
      'n_1',
      'both',
      'at_1',
    ])
    expect(await collection().indexExists(['n_1', 'both'])).toBe(true)
    await collection().dropIndex('both')
    expect(Object.keys(await collection().indexInformation())).toEqual(['_id_', 'n_1', 'at_1'])
  })

  test('are renamed and dropped', async () => {
    await collection().insertMany(numbered(3))
    const renamed = await collection().rename(`${posts}-renamed`)
    expect(await renamed.countDocuments()).toBe(3)
    expect(await renamed.drop()).toBe(true)
    expect(await database.db.listCollections({ name: /^posts\d+-renamed$/ }).toArray()).toEqual([])
  })

  test('that are views answer like collections, and refuse writes', async () => {
    await collection().insertMany(numbered(5))
    const view = await database.db.createCollection(`${posts}-view`, {
      viewOn: posts,
      pipeline: [{ $match: { n: { $gte: 2 } } }],
    })
    expect(await view.find({ n: { $lt: 4 } }, { projection: { _id: 0 } }).toArray()).toEqual([{ n: 2 }, { n: 3 }])
    expect(await view.countDocuments()).toBe(3)
    expect(await view.distinct('n')).toEqual([2, 3, 4])
    await expect(view.insertOne({ n: 9 })).rejects.toMatchObject({ code: 166 })
  })

  test('refuse a second document with the same key, and name it', async () => {
    await collection().createIndex({ 'author.email': 1 }, { unique: true })
    await collection().insertOne({ author: { email: 'a@x' } })
    await expect(collection().insertOne({ author: { email: 'a@x' } })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { 'author.email': 1 },
      keyValue: { 'author.email': 'a@x' },
    })
  })

  test('have an index on _id, under whatever name it is asked for', async () => {
    await collection().insertOne({ _id: 1 })
    await collection().createIndex({ _id: 1 })
    await collection().createIndex({ _id: 1 }, { name: 'identity' })
    expect(await collection().indexes()).toHaveLength(1)
  })

  test('of the system cannot be made', async () => {
    await expect(database.db.collection('system.made').insertOne({ n: 1 })).rejects.toMatchObject({ code: 73 })
    await expect(database.db.createCollection('system.made')).rejects.toMatchObject({ code: 73 })
  })

  test('say how they were used', async () => {
    await collection().insertMany(numbered(100))
    await collection().createIndex({ n: 1 })
    const explained = await collection().find({ n: 42 }).explain('executionStats')
    expect(explained.executionStats).toMatchObject({ nReturned: 1, totalKeysExamined: 1, totalDocsExamined: 1 })
    expect(explained.queryPlanner.winningPlan).toMatchObject({ stage: 'FETCH', inputStage: { stage: 'IXSCAN' } })
    const changing = { update: posts, updates: [{ q: { n: { $lt: 5 } }, u: { $set: { m: 1 } }, multi: true }] }
    const { executionStats } = await database.db.command({ explain: changing, verbosity: 'executionStats' })
    expect(executionStats.executionStages).toMatchObject({
      stage: 'UPDATE',
      nReturned: 0,
      nMatched: 5,
      inputStage: { nReturned: 5 },
    })
    expect(await collection().countDocuments({ m: 1 })).toBe(0)
    const scanned = await collection()
      .aggregate([{ $match: { other: 1 } }])
      .explain()
    expect(JSON.stringify(scanned)).toContain('COLLSCAN')
  })

  test('compare by the collation asked for', async () => {
    await collection().insertMany(['b', 'A', 'a', 'B'].map(name => ({ name })))
    const collation = { locale: 'en', strength: 2 }
    await collection().createIndex({ name: 1 }, { collation })
    expect(await collection().countDocuments({ name: 'a' }, { collation })).toBe(2)
    expect(await collection().countDocuments({ name: 'a' })).toBe(1)
    expect(await collection().distinct('name', {}, { collation })).toHaveLength(2)
    const sorted = collection()
      .find({}, { collation: { locale: 'en' } })
      .sort({ name: 1 })
    expect((await sorted.toArray()).map(({ name }) => name)).toEqual(['a', 'A', 'b', 'B'])
  })
})

test.runIf(process.env.GOOSE_TEST_URI === undefined)(
  'a concern that one member cannot meet is told, and the document is written',
  async () => {
    const insert = (w: number | 'majority', _id: number) => collection().insertOne({ _id }, { writeConcern: { w } })
    await expect(insert(3, 1)).rejects.toMatchObject({ code: 100 })
    await expect(insert('continents' as 'majority', 2)).rejects.toMatchObject({ code: 79 })
    await insert('majority', 3)
    expect(await collection().countDocuments()).toBe(3)
  },
)

test('a limit of time must be a number that is not negative', async () => {
  for (const maxTimeMS of ['soon', 1.5, -1])
    await expect(database.db.command({ find: posts, maxTimeMS })).rejects.toMatchObject({ code: expect.any(Number) })
})

describe('GridFS', () => {
  test('keeps a file in chunks and gives it back, whole or in part', async () => {
    const bucket = new GridFSBucket(database.db, { bucketName: posts, chunkSizeBytes: 1000 })
    const written = Array.from({ length: 2500 }, (_, n) => String(n % 10)).join('')
    const upload = bucket.openUploadStream('numbers.txt', { metadata: { kind: 'digits' } })
    await new Promise((resolve, reject) =>
      Readable.from([written]).pipe(upload).on('finish', resolve).on('error', reject),
    )
    expect(await text(bucket.openDownloadStream(upload.id))).toBe(written)
    expect(await text(bucket.openDownloadStreamByName('numbers.txt', { start: 995, end: 1005 }))).toBe('5678901234')
    expect(await bucket.find({ 'metadata.kind': 'digits' }).toArray()).toMatchObject([{ length: 2500 }])
    await bucket.rename(upload.id, 'renamed.txt')
    await bucket.delete(upload.id)
    expect(await database.db.collection(`${posts}.chunks`).countDocuments()).toBe(0)
  })
})

describe.runIf(process.env.GOOSE_TEST_URI === undefined)('what is not supported', () => {
  test.each([
    ['$near', () => collection().findOne({ at: { $near: [1, 2] } })],
    ['$text', () => collection().findOne({ $text: { $search: 'x' } })],
    ['$where', () => collection().findOne({ $where: 'true' })],
    [
      '$geoNear',
      () =>
        collection()
          .aggregate([{ $geoNear: { near: [1, 2], distanceField: 'd' } }])
          .toArray(),
    ],
    ['$changeStream', () => collection().watch().next()],
    ['2dsphere', () => collection().createIndex({ at: '2dsphere' })],
    ['text', () => collection().createIndex({ title: 'text' })],
    ['createUser', () => database.db.command({ createUser: 'ann', pwd: 'x', roles: [] })],
    ['mapReduce', () => database.db.command({ mapReduce: posts })],
    ['listSearchIndexes', () => collection().listSearchIndexes().toArray()],
  ])('is refused by the name of %s', async (name, ask) => {
    await expect(ask()).rejects.toThrow(name)
  })
})
