import {
  EmptyFilterRefused,
  model,
  onQuery,
  type QueryEvent,
  ref,
  timestamps,
  UnknownPath,
  ValidationFailed,
  VersionConflict,
  version,
  z,
} from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('updates')

class Account extends model(
  'UpdAccount',
  {
    owner: z.string().min(1),
    balance: z.number(),
    tags: z.array(z.string()).default([]),
    parent: ref(() => Account).optional(),
    lines: z.array(z.object({ text: z.string(), amount: z.number() })).default([]),
    opened: z.date().optional(),
  },
  { plugins: [timestamps()] },
) {
  updates = 0
  override postUpdate() {
    this.updates += 1
  }
}

let account: Account
beforeEach(async () => {
  account = await Account.create({ owner: 'Ada', balance: 10 })
})
const stored = async (id = account._id) => (await Account.collection()).findOne({ _id: id })

describe('update() of a document', () => {
  test('is atomic on the server, and the document has the new values', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async () => (await Account.get(account._id)).update({ $inc: { balance: 1 } })),
    )
    await account.update({ $inc: { balance: 1 }, $push: { tags: 'x' } })
    expect(account.balance).toBe(31)
    expect(account.tags).toEqual(['x'])
    expect(account.isDirty()).toBe(false)
    expect(account.updates).toBe(1)
  })

  test('moves updatedAt', async () => {
    const before = account.updatedAt
    await new Promise(resolve => setTimeout(resolve, 5))
    await account.update({ $set: { owner: 'Bob' } })
    expect(account.updatedAt.getTime()).toBeGreaterThan(before.getTime())
    expect((await stored())?.updatedAt).toEqual(account.updatedAt)
  })

  test('keeps edits that were not saved', async () => {
    account.owner = 'edited'
    await account.update({ $inc: { balance: 5 } })
    expect([account.owner, account.balance]).toEqual(['edited', 15])
    expect(Object.keys(account.changes())).toEqual(['owner'])
    expect((await stored())?.owner).toBe('Ada')
  })

  test('takes references and text as filters do', async () => {
    const parent = await Account.create({ owner: 'Parent', balance: 0 })
    await account.update({ $set: { parent } })
    expect((await stored())?.parent.equals(parent._id)).toBe(true)
    expect(account.parent?._id.equals(parent._id)).toBe(true)
  })

  test('an update that does not fit the model is refused before anything is sent', async () => {
    const events: QueryEvent[] = []
    const stop = onQuery(event => events.push(event))
    await expect(account.update({ $set: { owner: '' } })).rejects.toThrow(ValidationFailed)
    await expect(account.update({ $set: { ownr: 'x' } })).rejects.toThrow(UnknownPath)
    await expect(account.update({ $sett: { owner: 'x' } } as never)).rejects.toThrow(
      'did you mean "$set"?'.length > 0 ? 'there is no operator $sett' : '',
    )
    await expect(account.update({ owner: 'x' } as never)).rejects.toThrow('there is no operator owner')
    await expect(account.update({ $inc: { owner: 1 } })).rejects.toThrow('"owner" is string')
    await expect(account.update({ $inc: { balance: '1' } })).rejects.toThrow('changed by a number')
    await expect(account.update({ $unset: { owner: 1 } })).rejects.toThrow('"owner" is required')
    await expect(account.update({ $push: { tags: 5 } })).rejects.toThrow(ValidationFailed)
    await expect(account.update({ $push: { owner: 'x' } })).rejects.toThrow('"owner" is no list')
    await expect(account.update({ $set: { balance: undefined } })).rejects.toThrow('"balance" is undefined')
    await expect(account.update({ $set: { _id: 5 } })).rejects.toThrow('_id of a document never changes')
    await expect(account.update({})).rejects.toThrow('changes nothing')
    await expect(account.update([{ $out: 'elsewhere' }])).rejects.toThrow('no stage $out')
    await expect(account.update([{ $set: { balance: 'much' } }])).rejects.toThrow(ValidationFailed)
    expect(events).toEqual([])
    stop()
  })

  test('lists, elements and pipelines', async () => {
    await account.update({
      $push: {
        lines: {
          $each: [
            { text: 'a', amount: 1 },
            { text: 'b', amount: 2 },
          ],
        },
      },
      $addToSet: { tags: 'x' },
    })
    await account.update({ $set: { 'lines.0.amount': 7 }, $pull: { tags: 'x' } })
    expect([account.lines[0]?.amount, account.tags]).toEqual([7, []])
    await account.update({ $pull: { lines: { text: 'a' } } })
    expect(account.lines.map(line => line.text)).toEqual(['b'])
    await account.update([{ $set: { balance: { $add: ['$balance', 5] } } }])
    expect(account.balance).toBe(15)
  })
})

describe('updateMany and deleteMany', () => {
  test('are one command each, with the time of the change', async () => {
    await Account.insertMany([
      { owner: 'Bob', balance: 1 },
      { owner: 'Cid', balance: 2 },
    ])
    const events: QueryEvent[] = []
    const stop = onQuery(event => events.push(event))
    const before = new Date()
    expect(await Account.updateMany({ balance: { $lt: 5 } }, { $inc: { balance: 1 } })).toEqual({
      matchedCount: 2,
      modifiedCount: 2,
    })
    expect(
      await Account.find({ owner: 'Cid' })
        .updateMany({ $set: { opened: '2026-01-01' } } as never)
        .catch(error => error.code),
    ).toBe('VALIDATION_FAILED')
    expect(events.map(event => event.operation)).toEqual(['updateMany'])
    expect((await Account.findOne({ owner: 'Bob' }))!.updatedAt.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1)
    expect(await Account.deleteMany({ owner: 'Bob' })).toEqual({ deletedCount: 1 })
    stop()
  })

  test('an empty filter is refused, unless all are meant', async () => {
    await expect(Account.updateMany({}, { $set: { balance: 0 } })).rejects.toThrow(EmptyFilterRefused)
    await expect(Account.deleteMany({})).rejects.toThrow(
      'deleteMany of UpdAccount without a filter would touch every document',
    )
    await expect(Account.find().deleteMany()).rejects.toThrow(EmptyFilterRefused)
    expect((await Account.updateMany({}, { $set: { balance: 0 } }, { all: true })).matchedCount).toBe(1)
    expect(await Account.deleteMany({}, { all: true })).toEqual({ deletedCount: 1 })
  })

  test('undefined in a filter deletes nothing', async () => {
    const id: string | undefined = undefined
    await expect(Account.deleteMany({ owner: id as never })).rejects.toThrow('"owner" is undefined')
    expect(await Account.count()).toBe(1)
  })

  test('skip and limit are refused', async () => {
    await expect(Account.find({ owner: 'Ada' }).limit(1).deleteMany()).rejects.toThrow('knows no skip and limit')
  })

  test('with hooks, each document is saved on its own', async () => {
    class Hooked extends model('UpdHooked', { name: z.string(), seen: z.number().default(0) }) {
      override preSave() {
        this.seen += 1
      }
    }
    await Hooked.insertMany([{ name: 'a' }, { name: 'b' }])
    await Hooked.updateMany({ name: { $in: ['a', 'b'] } }, { $set: { name: 'c' } }, { hooks: true })
    expect((await Hooked.find().all()).map(each => [each.name, each.seen])).toEqual([
      ['c', 2],
      ['c', 2],
    ])
    await expect(Hooked.updateMany({ name: 'c' }, { $inc: { seen: 1 } }, { hooks: true })).rejects.toThrow('not $inc')
  })
})

test('a walk with hooks passes over what somebody else deletes meanwhile, and loads whole documents', async () => {
  class Walked extends model('UpdWalked', { name: z.string(), n: z.int().default(0), note: z.string().optional() }) {
    override async preSave() {
      if (this.name === 'a') await (await Walked.collection()).deleteOne({ name: 'b' })
      this.note = `${this.note}!`
    }
  }
  await Walked.insertMany([
    { name: 'a', note: 'x' },
    { name: 'b', note: 'y' },
    { name: 'c', note: 'z' },
  ])
  const walk = Walked.find({ name: { $in: ['a', 'b', 'c'] } }).select('name')
  expect(await walk.updateMany({ $set: { n: 1 } }, { hooks: true })).toEqual({ matchedCount: 3, modifiedCount: 2 })
  expect((await Walked.find().sort('name').all()).map(each => each.note)).toEqual(['x!!', 'z!!'])
})

describe('version()', () => {
  class Page extends model(
    'UpdPage',
    { title: z.string(), body: z.string().default('') },
    { plugins: [version(), timestamps()] },
  ) {}

  test('a stale save is refused and changes nothing; the document can be tried again', async () => {
    const page = await Page.create({ title: 'one' })
    const [mine, theirs] = [await Page.get(page._id), await Page.get(page._id)]
    theirs.title = 'theirs'
    await theirs.save()
    mine.body = 'mine'
    await expect(mine.save()).rejects.toThrow(VersionConflict)
    expect(mine.isDirty('body')).toBe(true)
    await mine.reload()
    mine.body = 'mine'
    await mine.save()
    expect(await Page.get(page._id)).toMatchObject({ title: 'theirs', body: 'mine', _v: 2 })
  })

  test('one document can be saved again and again', async () => {
    const page = await Page.create({ title: 'one' })
    for (const title of ['two', 'three']) {
      page.title = title
      await page.save()
    }
    expect(page._v).toBe(2)
    await page.update({ $set: { title: 'four' } })
    page.title = 'five'
    await page.save()
    expect((await Page.get(page._id))._v).toBe(4)
  })

  test('counts in a field of another name, also where nothing was counted yet', async () => {
    const Shared = model('UpdShared', { title: z.string() }, { plugins: [version({ field: '__v' })] })
    const collection = await Shared.collection()
    const { insertedId } = await collection.insertOne({ title: 'one' })
    const [mine, theirs] = [await Shared.get(insertedId), await Shared.get(insertedId)]
    mine.title = 'mine'
    await mine.save()
    theirs.title = 'theirs'
    await expect(theirs.save()).rejects.toThrow(VersionConflict)
    await Shared.updateMany({ title: 'mine' }, { $set: { title: 'ours' } })
    expect(await collection.findOne({})).toEqual({ _id: insertedId, title: 'ours', __v: 2 })
  })

  test('without it, a save can ask that what it writes is unchanged', async () => {
    const other = await Account.get(account._id)
    await other.update({ $inc: { balance: 5 } })
    account.owner = 'Bob'
    await account.save({ ifUnchanged: false })
    account.balance = 0
    await expect(account.save({ ifUnchanged: true })).rejects.toThrow(VersionConflict)
    expect((await stored())?.balance).toBe(15)
  })
})

test('a unique violation names the model, the field and the value', async () => {
  await (await Account.collection()).createIndex({ owner: 1 }, { unique: true })
  const error = await Account.create({ owner: 'Ada', balance: 1 }).catch(caught => caught)
  expect(error.code).toBe('DUPLICATE_KEY')
  expect(error.message).toBe('a UpdAccount with owner "Ada" exists already')
  expect(error.meta.fields).toEqual(['owner'])
  const bob = await Account.create({ owner: 'Bob', balance: 1 })
  bob.owner = 'Ada'
  await expect(bob.save()).rejects.toThrow('a UpdAccount with owner "Ada" exists already')
  expect(bob.isDirty('owner')).toBe(true)
  await (await Account.collection()).dropIndexes()
})
