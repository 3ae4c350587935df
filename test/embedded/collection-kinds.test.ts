// Tests capped collections, clustered ones, time series, and indexes that become unique.
import type { Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()

async function codeOf(work: Promise<unknown>): Promise<number | undefined> {
  return work.then(
    () => undefined,
    error => error.code,
  )
}

async function described(name: string): Promise<Document> {
  return (await database.db.listCollections({ name }).toArray())[0]!
}

describe('a capped collection', () => {
  test('keeps the newest documents, by number and by size', async () => {
    const { db } = database
    const log = await db.createCollection<Document>('log', { capped: true, size: 100_000, max: 3 })
    for (let n = 1; n <= 5; n++) await log.insertOne({ n })
    expect((await log.find({}, { projection: { _id: 0 } }).toArray()).map(({ n }) => n)).toEqual([3, 4, 5])
    const small = await db.createCollection<Document>('small', { capped: true, size: 4096 })
    await small.insertMany(Array.from({ length: 20 }, (_, n) => ({ n, text: 'x'.repeat(500) })))
    const left = await small.find().toArray()
    expect(left.length).toBeGreaterThan(3)
    expect(left.length).toBeLessThan(9)
    expect(left.at(-1)!.n).toBe(19)
    expect(await codeOf(small.insertOne({ text: 'x'.repeat(5000) }))).toBe(2)
    expect((await db.command({ validate: 'small' })).valid).toBe(true)
  })

  test('is described with its limits', async () => {
    const { db } = database
    await db.createCollection('limits', { capped: true, size: 5000, max: 7 })
    expect(await described('limits')).toMatchObject({
      type: 'collection',
      options: { capped: true, size: 5120, max: 7 },
    })
    expect(await db.command({ collStats: 'limits' })).toMatchObject({ capped: true, max: 7, maxSize: 5120 })
    expect(await codeOf(db.createCollection('wrong', { capped: true }))).toBe(72)
    expect(await codeOf(db.createCollection('wrong', { size: 5000 }))).toBe(72)
  })

  test('makes room after collMod and after it became capped', async () => {
    const { db } = database
    const plain = db.collection<Document>('later')
    await plain.insertMany(Array.from({ length: 30 }, (_, n) => ({ n, text: 'x'.repeat(400) })))
    await plain.createIndex({ n: 1 })
    await db.command({ convertToCapped: 'later', size: 8192 })
    expect(await plain.countDocuments()).toBeLessThan(20)
    expect((await plain.indexes()).map(({ name }) => name)).toEqual(['_id_'])
    await db.command({ collMod: 'later', cappedMax: 2 })
    expect((await plain.find().toArray()).map(({ n }) => n)).toEqual([28, 29])
    expect(await codeOf(db.command({ collMod: 'log', cappedMax: 'x' }))).toBe(14)
  })

  test('is tailed: what is written later arrives', async () => {
    const { db } = database
    const feed = await db.createCollection<Document>('feed', { capped: true, size: 100_000 })
    await feed.insertOne({ n: 1 })
    const cursor = feed.find({ n: { $gt: 0 } }, { tailable: true, awaitData: true, maxAwaitTimeMS: 3000 })
    expect(await cursor.next()).toMatchObject({ n: 1 })
    const next = cursor.next()
    await feed.insertMany([{ n: 0 }, { n: 2 }])
    expect(await next).toMatchObject({ n: 2 })
    await cursor.close()
    expect(await codeOf(db.collection('plain').find({}, { tailable: true }).toArray())).toBe(2)
  })

  test('is not written to in transactions', async () => {
    const { db, client } = database
    await db.createCollection('steady', { capped: true, size: 5000 })
    const session = client.startSession()
    session.startTransaction()
    expect(await codeOf(db.collection('steady').insertOne({ a: 1 }, { session }))).toBe(263)
    await session.abortTransaction()
    await session.endSession()
  })
})

describe('a clustered collection', () => {
  test('gives its documents in the order of _id', async () => {
    const { db } = database
    const clustered = await db.createCollection<Document>('clustered', {
      clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by id' },
    })
    await clustered.insertMany([3, 1, 2].map(_id => ({ _id: _id as never, n: -_id })))
    expect((await clustered.find().toArray()).map(({ _id }) => _id)).toEqual([1, 2, 3])
    expect((await clustered.find({ n: { $lt: -1 } }).toArray()).map(({ _id }) => _id)).toEqual([2, 3])
    expect(await codeOf(clustered.insertOne({ _id: 1 as never }))).toBe(11000)
    expect(await clustered.indexes()).toEqual([{ v: 2, key: { _id: 1 }, name: 'by id', unique: true, clustered: true }])
    expect((await described('clustered')).options.clusteredIndex).toMatchObject({ name: 'by id', unique: true })
    expect(await codeOf(db.createCollection('bad', { clusteredIndex: { key: { a: 1 }, unique: true } }))).toBe(72)
  })
})

describe('a collection of time series', () => {
  test('takes measurements that have a time, and finds them like documents', async () => {
    const { db } = database
    const weather = await db.createCollection<Document>('weather', {
      timeseries: { timeField: 'at', metaField: 'place', granularity: 'hours' },
      expireAfterSeconds: 3600,
    })
    const at = new Date()
    await weather.insertMany([
      { _id: 1 as never, at, place: 'a', degrees: 3 },
      { _id: 1 as never, at, place: 'a', degrees: 5 },
      { _id: 2 as never, at, place: 'b', degrees: 7 },
    ])
    expect(await codeOf(weather.insertOne({ place: 'a' }))).toBe(2)
    expect(
      await weather
        .aggregate([{ $group: { _id: '$place', mean: { $avg: '$degrees' } } }, { $sort: { _id: 1 } }])
        .toArray(),
    ).toEqual([
      { _id: 'a', mean: 4 },
      { _id: 'b', mean: 7 },
    ])
    expect(await described('weather')).toMatchObject({
      type: 'timeseries',
      options: {
        expireAfterSeconds: 3600,
        timeseries: { timeField: 'at', metaField: 'place', granularity: 'hours', bucketMaxSpanSeconds: 2592000 },
      },
    })
    expect((await weather.indexes()).map(({ name }) => name)).toEqual(['place_1_at_1'])
  })

  test('lets only the meta field change', async () => {
    const { db } = database
    const pulse = await db.createCollection<Document>('pulse', { timeseries: { timeField: 't', metaField: 'm' } })
    await pulse.insertMany([
      { t: new Date(), m: { who: 1 }, v: 1 },
      { t: new Date(), m: { who: 2 }, v: 2 },
    ])
    expect((await pulse.updateMany({ 'm.who': 1 }, { $set: { 'm.name': 'x' } })).modifiedCount).toBe(1)
    expect(await codeOf(pulse.updateMany({ v: 1 }, { $set: { 'm.name': 'x' } }))).toBe(72)
    expect(await codeOf(pulse.updateMany({}, { $set: { v: 5 } }))).toBe(72)
    expect(await codeOf(pulse.updateOne({ 'm.who': 1 }, { $set: { 'm.name': 'x' } }))).toBe(72)
    expect(await codeOf(pulse.createIndex({ v: 1 }, { unique: true }))).toBe(72)
    expect((await pulse.deleteMany({ v: 1 })).deletedCount).toBe(1)
    expect(await codeOf(db.createCollection('bad', { timeseries: { timeField: 'a.b' } }))).toBe(72)
    expect(await codeOf(db.createCollection('bad', { expireAfterSeconds: 5 }))).toBe(72)
  })
})

describe('an index that becomes unique', () => {
  test('refuses new duplicates first, and is unique when no old ones are left', async () => {
    const { db } = database
    const people = db.collection<Document>('people')
    await people.insertMany([
      { _id: 1 as never, a: 1 },
      { _id: 2 as never, a: 1 },
      { _id: 3 as never, a: 2 },
    ])
    await people.createIndex({ a: 1 })
    const modified = (index: Document, more: Document = {}) =>
      db.command({ collMod: 'people', index: { name: 'a_1', ...index }, ...more })
    expect(await codeOf(modified({ unique: true }))).toBe(72)
    expect(await modified({ prepareUnique: true })).toMatchObject({ prepareUnique_new: true })
    expect(await codeOf(people.insertOne({ a: 2 }))).toBe(11000)
    expect(await codeOf(people.updateOne({ _id: 3 as never }, { $set: { a: 1 } }))).toBe(11000)
    await people.updateOne({ _id: 2 as never }, { $set: { b: 1 } })
    const refused = await modified({ unique: true }).catch(error => error)
    expect(refused).toMatchObject({ code: 359, codeName: 'CannotConvertIndexToUnique' })
    expect(refused.errorResponse.violations).toEqual([{ ids: [1, 2] }])
    await people.deleteOne({ _id: 2 as never })
    expect(await modified({ unique: true }, { dryRun: true })).not.toHaveProperty('unique_new')
    expect(await modified({ unique: true })).toMatchObject({ unique_new: true })
    expect(await people.indexes()).toContainEqual({ v: 2, key: { a: 1 }, name: 'a_1', unique: true })
    expect(await codeOf(people.insertOne({ a: 1 }))).toBe(11000)
    expect((await db.command({ validate: 'people' })).valid).toBe(true)
  })
})
