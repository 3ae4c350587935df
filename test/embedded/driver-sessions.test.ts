// Sessions, transactions and retried writes of the driver, unmodified, on the embedded database.
import { type ClientSession, type Collection, MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

interface Account {
  readonly _id: string
  readonly amount: number
}

const database = useDatabase({ failPoints: true })
let accounts: Collection<Account>
let session: ClientSession
let number = 0

beforeEach(async () => {
  accounts = database.db.collection(`accounts${number++}`)
  await accounts.insertMany([
    { _id: 'ann', amount: 100 },
    { _id: 'bob', amount: 0 },
  ])
  session = database.client.startSession()
})

afterEach(async () => {
  await session.endSession()
})

const amounts = async () => (await accounts.find().sort({ _id: 1 }).toArray()).map(({ amount }) => amount)
const give = (to: string, amount: number, within: ClientSession) =>
  accounts.updateOne({ _id: to }, { $inc: { amount } }, { session: within })

describe('a transaction', () => {
  test('shows its writes to itself, and to others when it is committed', async () => {
    session.startTransaction()
    await give('ann', -40, session)
    await give('bob', 40, session)
    expect((await accounts.find({}, { session }).sort({ _id: 1 }).toArray()).map(({ amount }) => amount)).toEqual([
      60, 40,
    ])
    expect(await amounts()).toEqual([100, 0])
    await session.commitTransaction()
    expect(await amounts()).toEqual([60, 40])
  })

  test('that is aborted leaves nothing', async () => {
    session.startTransaction()
    await give('ann', -40, session)
    await accounts.insertOne({ _id: 'cid', amount: 1 }, { session })
    await accounts.deleteOne({ _id: 'bob' }, { session })
    expect(await accounts.countDocuments({}, { session })).toBe(2)
    await session.abortTransaction()
    expect(await amounts()).toEqual([100, 0])
  })

  test('reads what was there when it began', async () => {
    session.startTransaction()
    expect(await accounts.countDocuments({}, { session })).toBe(2)
    await accounts.insertOne({ _id: 'cid', amount: 1 })
    expect(await accounts.countDocuments({}, { session })).toBe(2)
    expect(await accounts.distinct('_id', {}, { session })).toEqual(['ann', 'bob'])
    await session.commitTransaction()
    expect(await accounts.countDocuments()).toBe(3)
  })

  test('uses indexes for its own writes, too', async () => {
    await accounts.createIndex({ amount: 1 })
    session.startTransaction()
    await give('bob', 7, session)
    await accounts.insertOne({ _id: 'cid', amount: 7 }, { session })
    const found = accounts.find({ amount: { $gte: 7, $lt: 50 } }, { session }).sort({ amount: 1, _id: 1 })
    expect((await found.toArray()).map(({ _id }) => _id).sort()).toEqual(['bob', 'cid'])
    const [sum] = await accounts.aggregate([{ $group: { _id: null, sum: { $sum: '$amount' } } }], { session }).toArray()
    expect(sum).toEqual({ _id: null, sum: 114 })
    await session.abortTransaction()
    expect(await accounts.countDocuments({ amount: 7 })).toBe(0)
  })

  test('loses to another that wrote the same document, and is told to try again', async () => {
    const other = database.client.startSession()
    session.startTransaction()
    other.startTransaction()
    await give('ann', 1, other)
    const error = await give('ann', 1, session).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 112, codeName: 'WriteConflict' })
    expect((error as { hasErrorLabel(label: string): boolean }).hasErrorLabel('TransientTransactionError')).toBe(true)
    await other.commitTransaction()
    await other.endSession()
    expect(await amounts()).toEqual([101, 0])
  })

  test('keeps unique indexes', async () => {
    await accounts.createIndex({ amount: 1 }, { unique: true })
    session.startTransaction()
    await accounts.insertOne({ _id: 'cid', amount: 5 }, { session })
    await expect(accounts.insertOne({ _id: 'dan', amount: 5 }, { session })).rejects.toMatchObject({ code: 11000 })
    await session.abortTransaction()
    expect(await accounts.countDocuments()).toBe(2)
  })

  test('may create a collection and use a cursor over several batches', async () => {
    const fresh = database.db.collection<{ n: number }>(`fresh${number}`)
    await session.withTransaction(async () => {
      await fresh.insertMany(
        Array.from({ length: 30 }, (_, n) => ({ n })),
        { session },
      )
      expect(await fresh.find({}, { session, batchSize: 4 }).toArray()).toHaveLength(30)
    })
    expect(await fresh.countDocuments()).toBe(30)
  })

  test('of many clients at once loses no update', async () => {
    const once = async () => {
      const own = database.client.startSession()
      await own.withTransaction(async () => {
        const { amount } = (await accounts.findOne({ _id: 'ann' }, { session: own }))!
        await accounts.updateOne({ _id: 'ann' }, { $set: { amount: amount - 1 } }, { session: own })
        await give('bob', 1, own)
      })
      await own.endSession()
    }
    await Promise.all(Array.from({ length: 10 }, once))
    expect(await amounts()).toEqual([90, 10])
  })

  test('that fails in the callback is undone, and the error is given', async () => {
    const failing = session.withTransaction(async () => {
      await give('ann', -1, session)
      throw new RangeError('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    expect(await amounts()).toEqual([100, 0])
  })

  test('ends with its session', async () => {
    session.startTransaction()
    await give('ann', -1, session)
    await session.endSession()
    expect(await amounts()).toEqual([100, 0])
    await accounts.updateOne({ _id: 'ann' }, { $set: { amount: 3 } })
    expect(await amounts()).toEqual([3, 0])
  })

  test('over a bulk write is all or nothing', async () => {
    const bulk = session.withTransaction(() =>
      accounts.bulkWrite(
        [
          { updateOne: { filter: { _id: 'ann' }, update: { $inc: { amount: -5 } } } },
          { insertOne: { document: { _id: 'bob', amount: 5 } } },
        ],
        { session },
      ),
    )
    await expect(bulk).rejects.toMatchObject({ code: 11000 })
    expect(await amounts()).toEqual([100, 0])
  })
})

describe.runIf(process.env.GOOSE_TEST_URI === undefined)('a write whose answer was lost', () => {
  const failOnce = (data: object) =>
    database.client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data })
  const lost = { writeConcernError: { code: 91, errmsg: 'shutting down', errorLabels: ['RetryableWriteError'] } }

  test('is tried again by the driver and done once', async () => {
    await failOnce({ failCommands: ['update'], ...lost })
    await give('ann', 1, session)
    expect(await amounts()).toEqual([101, 0])
  })

  test('is done once when findAndModify is tried again, with the same answer', async () => {
    await failOnce({ failCommands: ['findAndModify'], ...lost })
    const before = await accounts.findOneAndUpdate({ _id: 'ann' }, { $inc: { amount: 1 } }, { session })
    expect(before).toEqual({ _id: 'ann', amount: 100 })
    expect(await amounts()).toEqual([101, 0])
  })

  test('is tried again after the connection broke', async () => {
    await failOnce({ failCommands: ['insert'], closeConnection: true })
    await accounts.insertOne({ _id: 'cid', amount: 1 })
    expect(await accounts.countDocuments()).toBe(3)
    await failOnce({ failCommands: ['find'], closeConnection: true })
    expect(await accounts.findOne({ _id: 'cid' })).toEqual({ _id: 'cid', amount: 1 })
  })

  test('that commits a transaction is committed once', async () => {
    session.startTransaction()
    await give('ann', 1, session)
    await failOnce({ failCommands: ['commitTransaction'], closeConnection: true })
    await session.commitTransaction()
    await session.commitTransaction()
    expect(await amounts()).toEqual([101, 0])
  })
})

test.runIf(process.env.GOOSE_TEST_URI === undefined)(
  'a standalone server refuses transactions, not writes',
  async () => {
    const { startEmbedded } = await import('../../src/embedded/index.ts')
    const server = await startEmbedded({ standalone: true })
    const client = await MongoClient.connect(server.uri)
    try {
      const { setName } = await client.db('admin').command({ hello: 1 })
      expect(setName).toBeUndefined()
      await client.db('a').collection('b').insertOne({ n: 1 })
      const refused = client.withSession(own =>
        own.withTransaction(() => client.db('a').collection('b').insertOne({ n: 2 }, { session: own })),
      )
      await expect(refused).rejects.toMatchObject({ originalError: { code: 20 } })
      expect(await client.db('a').collection('b').countDocuments()).toBe(1)
    } finally {
      await client.close()
      await server.close()
    }
  },
)
