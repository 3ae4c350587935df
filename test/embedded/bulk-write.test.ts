// Tests writes to several collections in one command, through the driver and by hand.
import type { Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

const database = useDatabase()

describe('a bulk write of the client', () => {
  test('writes to several collections and counts what it did', async () => {
    const { db, client, name } = database
    await db.collection('people').insertMany([
      { _id: 1 as never, n: 1 },
      { _id: 2 as never, n: 2 },
    ])
    const result = await client.bulkWrite(
      [
        { namespace: `${name}.people`, name: 'insertOne', document: { _id: 3, n: 3 } as never },
        { namespace: `${name}.pets`, name: 'insertOne', document: { _id: 1, legs: 4 } as never },
        { namespace: `${name}.people`, name: 'updateMany', filter: { n: { $gte: 2 } }, update: { $inc: { n: 10 } } },
        {
          namespace: `${name}.pets`,
          name: 'updateOne',
          filter: { _id: 9 as never },
          update: { $set: { legs: 2 } },
          upsert: true,
        },
        { namespace: `${name}.people`, name: 'replaceOne', filter: { _id: 1 as never }, replacement: { n: 0 } },
        { namespace: `${name}.people`, name: 'deleteMany', filter: { n: 0 } },
      ],
      { verboseResults: true },
    )
    expect(result).toMatchObject({
      insertedCount: 2,
      matchedCount: 3,
      modifiedCount: 3,
      upsertedCount: 1,
      deletedCount: 1,
    })
    expect(result.updateResults?.get(3)).toMatchObject({ upsertedId: 9 })
    expect(await db.collection('people').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 2, n: 12 },
      { _id: 3, n: 13 },
    ])
    expect(await db.collection('pets').countDocuments()).toBe(2)
  })

  test('stops at the first error unless it is unordered', async () => {
    const { db, client, name } = database
    await db.collection<Document>('twice').insertOne({ _id: 1 as never })
    const models = [1, 2].map(_id => ({
      namespace: `${name}.twice`,
      name: 'insertOne' as const,
      document: { _id } as never,
    }))
    const ordered = await client.bulkWrite(models).catch(error => error)
    expect(ordered.writeErrors.get(0)).toMatchObject({ code: 11000 })
    expect(await db.collection('twice').countDocuments()).toBe(1)
    const unordered = await client.bulkWrite(models, { ordered: false }).catch(error => error)
    expect(unordered.writeErrors.size).toBe(1)
    expect(unordered.partialResult.insertedCount).toBe(1)
    expect(await db.collection('twice').countDocuments()).toBe(2)
  })

  test('belongs to its transaction', async () => {
    const { db, client, name } = database
    await db.createCollection('ledger')
    const session = client.startSession()
    session.startTransaction()
    await client.bulkWrite([{ namespace: `${name}.ledger`, name: 'insertOne', document: { a: 1 } as never }], {
      session,
    })
    await session.abortTransaction()
    await session.endSession()
    expect(await db.collection('ledger').countDocuments()).toBe(0)
  })

  test('refuses what names no collection', async () => {
    const admin = database.client.db('admin')
    const refused = async (command: Document) => (await admin.command(command).catch(error => error)).code
    expect(await refused({ bulkWrite: 1, ops: [{ insert: 4, document: {} }], nsInfo: [{ ns: 'a.b' }] })).toBe(2)
    expect(await refused({ bulkWrite: 1, ops: [{ insert: 0, document: {} }], nsInfo: [{ ns: 'nodot' }] })).toBe(73)
    expect(await refused({ bulkWrite: 1, ops: [], nsInfo: [] })).toBe(16)
  })

  test('changes the first document of an order, as single updates do', async () => {
    const { db } = database
    await db.collection('queue').insertMany([
      { _id: 1 as never, at: 5 },
      { _id: 2 as never, at: 3 },
    ])
    await db.collection('queue').updateOne({}, { $set: { taken: true } }, { sort: { at: 1 } })
    expect(await db.collection('queue').findOne({ taken: true })).toMatchObject({ _id: 2 })
  })
})
