import { connect, disconnect, type GooseError, model, outside, transaction, ValidationFailed, z } from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('transactions')

class Account extends model('TxnAccount', { owner: z.string(), balance: z.number() }) {
  saves = 0
  override preSave() {
    this.saves += 1
  }
}
class Journal extends model('TxnJournal', { text: z.string() }) {}

let ada: Account
let bob: Account
beforeEach(async () => {
  await Journal.collection().then(collection =>
    collection.insertOne({ _id: 'there' as never }).then(() => collection.deleteMany({})),
  )
  ;[ada, bob] = (await Account.insertMany([
    { owner: 'Ada', balance: 100 },
    { owner: 'Bob', balance: 100 },
  ])) as [Account, Account]
})
const balances = async () => (await Account.find().sort('owner').all()).map(account => account.balance)

async function transfer(from: Account, to: Account, amount: number): Promise<void> {
  await transaction(async () => {
    const [payer, payee] = [await Account.get(from._id), await Account.get(to._id)]
    if (payer.balance < amount) throw new Error('insufficient balance')
    payer.balance -= amount
    payee.balance += amount
    await payer.save()
    await payee.save()
  })
}

describe('a transaction', () => {
  test('stores all or nothing', async () => {
    await transfer(ada, bob, 30)
    expect(await balances()).toEqual([70, 130])
    await expect(transfer(ada, bob, 300)).rejects.toThrow('insufficient balance')
    expect(await balances()).toEqual([70, 130])
  })

  test('carries every call inside, reads included', async () => {
    await expect(
      transaction(async () => {
        await Journal.create({ text: 'a' })
        await Journal.insertMany([{ text: 'b' }])
        await Account.updateMany({ owner: 'Ada' }, { $inc: { balance: 1 } })
        await ada.update({ $inc: { balance: 1 } })
        await bob.delete()
        expect([await Journal.count(), (await Journal.find().all()).length, await Account.count()]).toEqual([2, 2, 1])
        expect(await Account.aggregate([{ $match: { owner: 'Ada' } }])).toMatchObject([{ balance: 102 }])
        expect(await Account.distinct('balance')).toEqual([102])
        for await (const journal of Journal.find()) expect(journal.text).toMatch(/a|b/)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await Journal.count()).toBe(0)
    expect(await balances()).toEqual([100, 100])
  })

  test('an abort leaves the documents in memory as they were, still dirty, so that they can be saved again', async () => {
    const fresh = new Journal({ text: 'new' })
    await expect(
      transaction(async () => {
        ada.balance = 1
        await ada.save()
        await fresh.save()
        expect([ada.isDirty(), fresh.isNew]).toEqual([false, false])
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect([ada.balance, ada.isDirty('balance'), ada.saves, fresh.isNew]).toEqual([1, true, 1, true])
    await ada.save()
    await fresh.save()
    expect((await Account.get(ada._id)).balance).toBe(1)
    expect(await Journal.count()).toBe(1)
  })

  test('an abort takes back what update() and reload() have told a document', async () => {
    ada.owner = 'Countess'
    const aborted = transaction(async () => {
      await ada.update({ $inc: { balance: 1 } })
      await bob.update({ $inc: { balance: -1 } })
      await bob.reload()
      await ada.reload()
      expect([ada.owner, ada.balance, bob.balance]).toEqual(['Ada', 101, 99])
      throw new Error('no')
    })
    await expect(aborted).rejects.toThrow('no')
    expect([ada.owner, ada.balance, bob.balance]).toEqual(['Countess', 100, 100])
    expect([Object.keys(ada.changes()), bob.isDirty()]).toEqual([['owner'], false])
  })

  test('joins the one it is called in', async () => {
    await expect(
      transaction(async () => {
        await transfer(ada, bob, 10)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await balances()).toEqual([100, 100])
  })

  test('is refused, not tried again, when an error inside was caught and the rest went on', async () => {
    class Seat extends model('TxnSeat', { number: z.int() }, { indexes: [{ key: { number: 1 }, unique: true }] }) {}
    await Seat.syncIndexes()
    await Seat.create({ number: 1 })
    let runs = 0
    const done = transaction(async () => {
      runs++
      await Journal.create({ text: 'before' })
      await Seat.create({ number: 1 }).catch(() => undefined)
      await Journal.create({ text: 'after' })
    })
    const error: GooseError = await done.catch(caught => caught)
    expect(error.message).toBe(
      'transaction: a part of it has failed, and nothing was stored: a TxnSeat with number 1 exists already',
    )
    expect([error.code, (error.cause as Error).name, runs]).toEqual(['TRANSACTION_REFUSED', 'DuplicateKey', 1])
    expect(await Journal.count()).toBe(0)
  })

  test('stores nothing when one inside of it has failed, though its error was caught', async () => {
    const outer = transaction(async () => {
      await transfer(ada, bob, 10)
      await transaction(async () => {
        await transfer(ada, bob, 20)
        throw new RangeError('no')
      }).catch(() => undefined)
    })
    await expect(outer).rejects.toThrow('a part of it has failed, and nothing was stored: no')
    expect(await balances()).toEqual([100, 100])
  })

  test('gives what its function gives, and lets go of the session', async () => {
    expect(await transaction(async () => (await Journal.create({ text: 'x' })).text)).toBe('x')
    expect(await Journal.count()).toBe(1)
  })

  test('calls side by side wait for each other', async () => {
    await transaction(async () => {
      await Promise.all(Array.from({ length: 10 }, (_, i) => Journal.create({ text: `t${i}` })))
    })
    expect(await Journal.count()).toBe(10)
  })

  test('outside() stores whatever becomes of it', async () => {
    await expect(
      transaction(async () => {
        await Journal.create({ text: 'inside' })
        await outside(() => Journal.create({ text: 'outside' }))
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect((await Journal.find().all()).map(journal => journal.text)).toEqual(['outside'])
  })

  test('conflicts are tried again: the sum stays', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? transfer(ada, bob, 3) : transfer(bob, ada, 2))))
    expect(await balances()).toEqual([90, 110])
  })

  test('a model of another connection is refused by name', async () => {
    class Other extends model('TxnOther', { name: z.string() }, { connection: 'other' }) {}
    await connect(process.env.GOOSE_TEST_URI ?? 'embedded::memory:', { alias: 'other' })
    await expect(transaction(() => Other.create({ name: 'x' }))).rejects.toThrow('TxnOther lives on connection "other"')
    await disconnect('other')
    await expect(Other.count()).rejects.toThrow('no connection "other" is open')
  })
})

test('a failed save leaves the document as it was: what hooks changed is taken back', async () => {
  ada.owner = 5 as never
  await expect(ada.save()).rejects.toThrow(ValidationFailed)
  expect([ada.saves, ada.owner as unknown, ada.isDirty('owner')]).toEqual([1, 5, true])
})
