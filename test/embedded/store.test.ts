// Tests what is kept in a data folder: formats and damage, collections, indexes, validators and documents that expire.
import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Binary, MongoClient, MongoServerError } from 'mongodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EmbeddedOptions, startEmbedded } from '../../src/embedded/index.ts'
import type { Room } from '../../src/embedded/operation/room.ts'
import { deleteExpired } from '../../src/embedded/server/expiry.ts'
import { Catalog } from '../../src/embedded/store/catalog.ts'
import { openStore } from '../../src/embedded/store/store.ts'
import { useDatabase } from '../support/database.ts'

interface Row {
  readonly _id: number | string
  readonly a?: number
  readonly b?: number
  readonly list?: number[]
  readonly long?: string
  readonly half?: Binary
  readonly other?: Binary
}

describe('a data folder', () => {
  let path: string
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'goose-store-'))
  })
  afterEach(() => rmSync(path, { recursive: true, force: true }))

  const withClient = async <Result>(work: (client: MongoClient) => Promise<Result>, options: EmbeddedOptions = {}) => {
    const server = await startEmbedded({ path, ...options })
    const client = await MongoClient.connect(server.uri)
    try {
      return await work(client)
    } finally {
      await client.close()
      await server.close()
    }
  }

  const file = () => join(path, 'data.mdb')

  test('keeps documents, indexes, views and options until it is opened again', async () => {
    await withClient(async client => {
      const db = client.db('kept')
      await db.createCollection('rows', { validator: { a: { $type: 'int' } } })
      await db.collection('rows').createIndex({ a: 1 }, { unique: true })
      await db.collection<{ _id: number; a: number }>('rows').insertOne({ _id: 1, a: 5 })
      await db.createCollection('seen', { viewOn: 'rows', pipeline: [{ $match: { a: 5 } }] })
    })
    await withClient(async client => {
      const db = client.db('kept')
      expect(await db.collection('seen').find().toArray()).toEqual([{ _id: 1, a: 5 }])
      await expect(db.collection('rows').insertOne({ a: 5 })).rejects.toMatchObject({ code: 11000 })
      await expect(db.collection('rows').insertOne({ a: 'x' })).rejects.toMatchObject({ code: 121 })
    })
  })

  test('of a newer format is refused, and stays as it is', async () => {
    await withClient(async () => {})
    const store = openStore({ path, durable: true, isPrivate: false })
    const newer = Buffer.from([0, 0, 0, 99])
    await store.write(data => data.meta.put(Buffer.from('f'), newer))
    await store.close()
    const before = readFileSync(file())
    await expect(startEmbedded({ path })).rejects.toThrow(
      /its format is 99, and this version of goose knows format 1 only/,
    )
    expect(readFileSync(file()).equals(before)).toBe(true)
  })

  test('that is a file is refused', async () => {
    await expect(startEmbedded({ path: __filename })).rejects.toThrow(/it is a file, not a folder/)
  })

  test.skipIf(process.getuid?.() === 0)('that cannot be written is refused', async () => {
    await withClient(async () => {})
    chmodSync(path, 0o500)
    await expect(startEmbedded({ path })).rejects.toThrow(/it cannot be written/)
    chmodSync(path, 0o700)
  })

  test.each([
    ['is cut off', () => truncateSync(file(), 40_000), /it ends before its page/],
    ['is something else', () => writeFileSync(file(), Buffer.alloc(50_000, 'text')), /it is no data file/],
    ['is overwritten in its middle', () => overwrite(), /its page \d+ is overwritten/],
  ])('whose data file %s is refused with that reason', async (_, damage, reason) => {
    await withClient(async client => {
      const rows = client.db('kept').collection('rows')
      await rows.insertMany(Array.from({ length: 3000 }, (_, n) => ({ n, text: 'x'.repeat(300) })))
    })
    damage()
    await expect(startEmbedded({ path })).rejects.toThrow(reason)
  })

  function overwrite(): void {
    const bytes = readFileSync(file())
    bytes.fill(0xff, 4096 * 20, 4096 * 300)
    writeFileSync(file(), bytes)
  }

  test('loses no space for good when collections are dropped', async () => {
    await withClient(async client => {
      const db = client.db('dropped')
      const fill = async () => {
        await db.collection('rows').insertMany(Array.from({ length: 2000 }, (_, n) => ({ n, text: 'x'.repeat(500) })))
        await db.collection('rows').createIndex({ n: 1 })
        await db.dropCollection('rows')
      }
      await fill()
      await fill()
      const { length } = readFileSync(file())
      for (let round = 0; round < 5; round++) await fill()
      expect(readFileSync(file()).length).toBeLessThan(length * 1.5)
    })
  })

  test('gives up documents whose time is over', async () => {
    await withClient(async client => {
      const rows = client.db('expiring').collection<{ _id: number; at?: unknown }>('rows')
      await rows.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
      const ago = (seconds: number) => new Date(Date.now() - seconds * 1000)
      await rows.insertMany([
        { _id: 1, at: ago(61) },
        { _id: 2, at: ago(30) },
        { _id: 3, at: 'no date' },
        { _id: 4 },
        { _id: 5, at: [ago(10), ago(3600)] },
      ])
    })
    const store = openStore({ path, durable: true, isPrivate: false })
    await deleteExpired({ store, catalog: new Catalog() } as Room, new Date())
    await store.close()
    await withClient(async client => {
      const found = await client.db('expiring').collection('rows').find().toArray()
      expect(found.map(({ _id }) => _id as unknown)).toEqual([2, 3, 4])
      expect(await client.db('expiring').command({ validate: 'rows' })).toMatchObject({ valid: true })
    })
  })
})

describe('documents', () => {
  const database = useDatabase()
  const rows = () => database.db.collection<Row>('documents')

  test('that grow over 16 MB are refused, and stay as they are', async () => {
    const half = new Binary(Buffer.alloc(9 * 1024 * 1024))
    await rows().insertOne({ _id: 2, half })
    const grown = await rows()
      .updateOne({ _id: 2 }, { $set: { other: half } })
      .catch(error => error)
    expect(grown).toBeInstanceOf(MongoServerError)
    expect(await rows().findOne({ _id: 2 }, { projection: { other: 1 } })).toEqual({ _id: 2 })
  })

  test('with very long values in an index are found by them, and told apart', async () => {
    const long = 'é'.repeat(5000)
    await rows().createIndex({ long: 1 }, { unique: true, sparse: true })
    await rows().insertMany([
      { _id: 'a', long: `${long}a` },
      { _id: 'b', long: `${long}b` },
    ])
    expect(await rows().findOne({ long: `${long}b` }, { projection: { _id: 1 } })).toEqual({ _id: 'b' })
    await expect(rows().insertOne({ _id: 'c', long: `${long}a` })).rejects.toMatchObject({ code: 11000 })
    const sorted = await rows()
      .find({ long: { $exists: true } })
      .sort({ long: -1 })
      .project({ _id: 1 })
      .toArray()
    expect(sorted).toEqual([{ _id: 'b' }, { _id: 'a' }])
  })

  test('keep their place in the order of insertion when they grow', async () => {
    await database.db
      .collection<{ _id: number; text?: string }>('order')
      .insertMany([{ _id: 3 }, { _id: 1 }, { _id: 2 }])
    await database.db.collection<{ _id: number }>('order').updateOne({ _id: 3 }, { $set: { text: 'x'.repeat(9000) } })
    const found = await database.db
      .collection('order')
      .find({}, { projection: { _id: 1 } })
      .toArray()
    expect(found.map(({ _id }) => _id as unknown)).toEqual([3, 1, 2])
  })
})

describe('an index', () => {
  const database = useDatabase()

  test('that cannot be built leaves nothing behind', async () => {
    const rows = database.db.collection('building')
    await rows.insertMany([{ a: 1 }, { a: 1 }])
    await expect(rows.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 })
    expect(await rows.indexes()).toHaveLength(1)
    await rows.createIndex({ a: 1 })
    expect(await rows.countDocuments({ a: 1 })).toBe(2)
  })

  test('follows updates of many documents whose keys move past each other', async () => {
    const rows = database.db.collection<{ _id: number; a: number }>('moving')
    await rows.createIndex({ a: 1 })
    await rows.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n, a: n })))
    expect((await rows.updateMany({ a: { $gte: 0 } }, { $inc: { a: 100 } })).modifiedCount).toBe(500)
    const found = await rows
      .find({ a: { $gte: 590 } })
      .sort({ a: 1 })
      .toArray()
    expect(found.map(({ a }) => a)).toEqual([590, 591, 592, 593, 594, 595, 596, 597, 598, 599])
    if (database.isEmbedded) expect(await database.db.command({ validate: 'moving' })).toMatchObject({ valid: true })
  })

  test('is sound after random changes', async () => {
    const rows = database.db.collection<Row>('random')
    await rows.createIndexes([
      { key: { a: 1, b: -1 } },
      { key: { list: 1 } },
      { key: { a: 1 }, partialFilterExpression: { b: { $gt: 5 } }, name: 'partial' },
    ])
    let state = 7
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return (state >>> 8) % below
    }
    for (let step = 0; step < 400; step++) {
      const _id = random(60)
      const fields = { a: random(10), b: random(10), list: Array.from({ length: random(4) }, () => random(6)) }
      const kind = random(4)
      if (kind === 0) await rows.replaceOne({ _id }, fields, { upsert: true })
      else if (kind === 1) await rows.updateMany({ a: fields.a }, { $set: { b: fields.b }, $push: { list: _id } })
      else if (kind === 2) await rows.updateOne({ _id }, { $unset: { a: '' } })
      else await rows.deleteOne({ list: fields.b })
    }
    const hinted = await rows.countDocuments({ list: { $gte: 0 } }, { hint: { list: 1 } })
    expect(hinted).toBe(await rows.countDocuments({ list: { $gte: 0 } }, { hint: { $natural: 1 } }))
    if (database.isEmbedded)
      expect(await database.db.command({ validate: 'random' })).toMatchObject({ valid: true, errors: [] })
  })
})
