// bulkWrite: different writes in one call, each checked and scoped as it would be alone.
import {
  audit,
  definePlugin,
  encrypted,
  generateKey,
  model,
  onQuery,
  ref,
  setKeys,
  softDelete,
  timestamps,
  version,
  z,
} from 'goose-odm'
import { beforeEach, describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('bulk_write')

class Shop extends model('BulkShop', { name: z.string() }) {}
class Item extends model(
  'BulkItem',
  {
    name: z.string().min(1),
    stock: z.int().default(0),
    shop: ref(() => Shop).optional(),
    tags: z.array(z.string()).default([]),
  },
  { plugins: [timestamps(), version()] },
) {
  static saved: string[] = []
  override postSave() {
    Item.saved.push(this.name)
  }
}
class Note extends model('BulkNote', { text: z.string() }, { plugins: [softDelete(), audit()] }) {}
class Person extends model('BulkPerson', { name: z.string(), taxId: encrypted(z.string()).optional() }) {}

const names = async () => (await Item.find().sort('name').all()).map(item => `${item.name} ${item.stock}`)
const refusal = (operations: unknown[]) =>
  Item.bulkWrite(operations as never).catch(error => `${error.code}: ${error.message}`)
beforeEach(async () => {
  await Item.insertMany([
    { name: 'apple', stock: 1 },
    { name: 'pear', stock: 2 },
    { name: 'plum', stock: 3 },
  ])
  Item.saved = []
})

test('is one command, and counts what it has done', async () => {
  const commands: string[] = []
  const stop = onQuery(({ operation }) => commands.push(operation))
  const done = await Item.bulkWrite([
    { insertOne: { document: { name: 'fig' } } },
    { updateOne: { filter: { name: 'apple' }, update: { $inc: { stock: 10 } } } },
    { updateMany: { filter: { stock: { $lt: 5 } }, update: { $inc: { stock: 1 } } } },
    { deleteOne: { filter: { name: 'plum' } } },
    { deleteMany: { filter: { name: 'none' } } },
  ])
  stop()
  expect(commands).toEqual(['bulkWrite'])
  expect(done).toMatchObject({ insertedCount: 1, matchedCount: 4, modifiedCount: 4, deletedCount: 1, upsertedCount: 0 })
  expect(await names()).toEqual(['apple 11', 'fig 1', 'pear 3'])
  expect((await Item.get(done.insertedIds[0] as never)).name).toBe('fig')
})

test('what it inserts is validated, has defaults and runs its hooks; what it updates has a new time and version', async () => {
  const before = (await Item.findOne({ name: 'pear' }))!
  await new Promise(resolve => setTimeout(resolve, 5))
  await Item.bulkWrite([
    { insertOne: { document: { name: 'fig' } } },
    { updateOne: { filter: { name: 'pear' }, update: { $push: { tags: 'ripe' } } } },
  ])
  const [fig, pear] = [(await Item.findOne({ name: 'fig' }))!, (await Item.findOne({ name: 'pear' }))!]
  expect(Item.saved).toEqual(['fig'])
  expect(fig.createdAt).toEqual(fig.updatedAt)
  expect(pear._v).toBe(before._v + 1)
  expect(pear.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
})

test('nothing is sent when one operation is not right, and the refusal says which', async () => {
  const good = { insertOne: { document: { name: 'fig' } } }
  expect(await refusal([good, { insertOne: { document: { name: '' } } }])).toMatch(
    /^VALIDATION_FAILED: BulkItem .*name/,
  )
  expect(await refusal([good, { updateOne: { filter: { nam: 'x' }, update: { $set: { stock: 1 } } } }])).toMatch(
    /^UNKNOWN_PATH: BulkItem has no path "nam"/,
  )
  expect(await refusal([good, { updateOne: { filter: { name: 'x' }, update: { $set: { stock: 'many' } } } }])).toMatch(
    /^VALIDATION_FAILED: BulkItem is not valid: stock/,
  )
  expect(await refusal([good, { deleteOne: { filter: {} } }])).toMatch(/^EMPTY_FILTER_REFUSED: deleteOne of BulkItem/)
  expect(await refusal([good, { deleteMany: { filter: {} } }])).toMatch(/^EMPTY_FILTER_REFUSED: deleteMany of BulkItem/)
  expect(await refusal([good, { deleteOne: { filter: { name: undefined } } }])).toMatch(/^INVALID_FILTER/)
  expect(await refusal([good, { findOne: { filter: { name: 'x' } } }])).toBe(
    'INVALID_UPDATE: update of BulkItem: operation 1: there is no "findOne"',
  )
  expect(await refusal([{ deleteMany: { filter: { name: 'x' }, upsert: true } }])).toBe(
    'INVALID_UPDATE: update of BulkItem: operation 0: deleteMany knows no "upsert"',
  )
  const other = { replaceOne: { filter: { name: 'x' }, replacement: { _id: '0'.repeat(24), name: 'y' } } }
  expect(await refusal([good, other])).toBe('INVALID_UPDATE: update of BulkItem: the _id of a document never changes')
  expect(await refusal([good, { replaceOne: { filter: { name: 'pear' }, replacement: { name: '' } } }])).toMatch(
    /^VALIDATION_FAILED: BulkItem .*name/,
  )
  expect(await refusal([{ replaceOne: { filter: {}, replacement: { name: 'y' } } }])).toMatch(
    /^EMPTY_FILTER_REFUSED: replaceOne of BulkItem/,
  )
  expect(await names()).toEqual(['apple 1', 'pear 2', 'plum 3'])
  expect(await Item.bulkWrite([])).toMatchObject({ insertedCount: 0, matchedCount: 0 })
})

test('every document is meant only when it is said', async () => {
  const done = await Item.bulkWrite([{ updateMany: { filter: {}, update: { $set: { stock: 0 } }, all: true } }])
  expect(done.modifiedCount).toBe(3)
})

test('an upsert inserts a whole document, or is refused', async () => {
  const upsert = { filter: { name: 'fig' }, update: { $inc: { stock: 5 } }, upsert: true }
  expect((await Item.bulkWrite([{ updateOne: upsert }])).upsertedCount).toBe(1)
  expect((await Item.bulkWrite([{ updateOne: upsert }])).modifiedCount).toBe(1)
  const fig = (await Item.findOne({ name: 'fig' }))!
  expect(fig).toMatchObject({ stock: 10, tags: [], _v: 2 })
  expect(fig.createdAt).toBeInstanceOf(Date)
  expect(await Item.validate()).toEqual([])
  expect(await refusal([{ updateOne: { filter: { stock: 99 }, update: { $set: { tags: [] } }, upsert: true } }])).toBe(
    'INVALID_UPDATE: update of BulkItem: an upsert needs "name"',
  )
})

describe('an upsert of what its filter says in part', () => {
  const shape = {
    name: z.string(),
    count: z.int().default(0),
    tags: z.array(z.object({ t: z.string() })).default([]),
    size: z.object({ width: z.number(), height: z.number(), unit: z.string().default('cm') }).optional(),
  }
  class Plain extends model('BulkPlain', shape) {}
  class Audited extends model('BulkAudited', shape, { plugins: [audit()] }) {}

  test.each([Plain, Audited])('completes an embedded object, or is refused', async Made => {
    const upsert = (update: object) =>
      Made.bulkWrite([{ updateOne: { filter: { name: 'x' }, update, upsert: true } }] as never)
    await expect(upsert({ $set: { 'size.width': 1 } })).rejects.toThrow(
      Made === Plain ? 'an upsert needs "size.height"' : 'an upsert takes no "size.width" here',
    )
    if (Made === Plain) await upsert({ $set: { 'size.width': 1, 'size.height': 2 } })
    else await upsert({ $set: { size: { width: 1, height: 2 } } })
    expect(await Made.find().lean().all()).toMatchObject([{ size: { width: 1, height: 2, unit: 'cm' } }])
  })

  test('computes with what the filter sets on the server, and refuses where it cannot', async () => {
    const upsert = { filter: { name: 'x', count: 5 }, update: { $inc: { count: 2 } }, upsert: true }
    await Plain.bulkWrite([{ updateOne: upsert }])
    expect(await Plain.find().lean().first()).toMatchObject({ count: 7 })
    await expect(Audited.bulkWrite([{ updateOne: upsert }])).rejects.toThrow('$inc of "count", which the filter sets')
    const twice = { filter: { name: 'x' }, update: { $set: { count: 1 }, $inc: { count: 2 } }, upsert: true }
    await expect(Audited.bulkWrite([{ updateOne: twice }])).rejects.toThrow('two operators write "count"')
    const sliced = { $push: { tags: { $each: [{ t: 'a' }], $slice: 1 } } }
    await expect(
      Audited.bulkWrite([{ updateOne: { filter: { name: 'x' }, update: sliced, upsert: true } }]),
    ).rejects.toThrow('an upsert takes no $slice and $sort here')
    const same = { $addToSet: { tags: { $each: [{ t: 'a' }, { t: 'a' }] } } }
    await Audited.bulkWrite([{ updateOne: { filter: { name: 'y' }, update: same, upsert: true } }])
    expect(await Audited.find().lean().all()).toMatchObject([{ name: 'y', tags: [{ t: 'a' }] }])
  })
})

test('updateMany upserts as well', async () => {
  const upsert = { filter: { name: 'fig' }, update: { $set: { stock: 5 } }, upsert: true }
  expect(await Item.bulkWrite([{ updateMany: upsert }, { updateMany: upsert }])).toMatchObject({
    upsertedCount: 1,
    matchedCount: 1,
  })
  expect(await Item.validate()).toEqual([])
  expect(await names()).toEqual(['apple 1', 'fig 5', 'pear 2', 'plum 3'])
})

test('replaceOne gives a document every field anew; its id and creation stay, its time and version move', async () => {
  const before = (await Item.findOne({ name: 'pear' }))!
  before.tags.push('ripe')
  await before.save()
  await new Promise(resolve => setTimeout(resolve, 5))
  const done = await Item.bulkWrite([
    { replaceOne: { filter: { name: 'pear' }, replacement: { name: 'quince' } } },
    { replaceOne: { filter: { name: 'nothing' }, replacement: { name: 'none' } } },
    { replaceOne: { filter: { name: 'fig' }, replacement: { name: 'fig', stock: 4 }, upsert: true } },
  ])
  expect(done).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 1 })
  expect(await names()).toEqual(['apple 1', 'fig 4', 'plum 3', 'quince 0'])
  const after = await Item.get(before._id)
  expect(after).toMatchObject({ name: 'quince', tags: [], createdAt: before.createdAt, _v: before._v + 1 })
  expect(after.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime())
  expect(Item.saved).toEqual(['pear', 'quince', 'fig'])
})

test('stops at the first error, or goes on where the order does not matter', async () => {
  await (await Item.collection()).createIndex({ name: 1 }, { unique: true })
  const operations = [
    { insertOne: { document: { name: 'fig' } } },
    { insertOne: { document: { name: 'pear' } } },
    { insertOne: { document: { name: 'kiwi' } } },
  ]
  await expect(Item.bulkWrite(operations)).rejects.toThrow('a BulkItem with name "pear" exists already')
  expect(await names()).toEqual(['apple 1', 'fig 0', 'pear 2', 'plum 3'])
  await expect(Item.bulkWrite(operations.slice(1), { ordered: false })).rejects.toMatchObject({ code: 'DUPLICATE_KEY' })
  expect(await Item.exists({ name: 'kiwi' })).toBe(true)
  await (await Item.collection()).dropIndex('name_1')
})

test('with hooks, each document is loaded and its hooks run', async () => {
  const seen: string[] = []
  class Watched extends model('BulkWatched', { n: z.int() }) {
    override preSave() {
      seen.push(`save ${this.n}`)
    }
    override preDelete() {
      seen.push(`delete ${this.n}`)
    }
  }
  await Watched.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }])
  seen.length = 0
  const done = await Watched.bulkWrite(
    [
      { updateMany: { filter: { n: { $lt: 3 } }, update: { $set: { n: 7 } } } },
      { deleteOne: { filter: { n: 3 } } },
      { deleteMany: { filter: { n: 7 } } },
    ],
    { hooks: true },
  )
  expect(done).toMatchObject({ matchedCount: 2, modifiedCount: 2, deletedCount: 3 })
  expect(seen).toEqual(['save 7', 'save 7', 'delete 3', 'delete 7', 'delete 7'])
})

describe('what models promise', () => {
  test('soft delete marks, audit records', async () => {
    await Note.insertMany([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
    const done = await Note.bulkWrite([
      { insertOne: { document: { text: 'd' } } },
      { updateOne: { filter: { text: { $in: ['a', 'b'] } }, update: { $set: { text: 'A' } } } },
      { deleteOne: { filter: { text: 'c' } } },
    ])
    expect(done).toMatchObject({ insertedCount: 1, modifiedCount: 1, deletedCount: 1 })
    expect(await Note.count()).toBe(3)
    const gone = (await Note.findDeleted().one())!
    expect(gone.text).toBe('c')
    expect((await gone.history()).map(entry => entry.operation)).toEqual(['insert', 'delete'])
    const again = await Note.bulkWrite([{ updateMany: { filter: { text: 'c' }, update: { $set: { text: 'C' } } } }])
    expect(again.matchedCount).toBe(0)
  })

  test('upserts and replacements of audited documents leave entries', async () => {
    const upsert = { filter: { text: { $eq: 'a' } }, update: { $set: { text: 'a' } }, upsert: true }
    expect(await Note.bulkWrite([{ updateOne: upsert }, { updateMany: upsert }])).toMatchObject({
      upsertedCount: 1,
      matchedCount: 1,
    })
    await Note.bulkWrite([{ replaceOne: { filter: { text: 'a' }, replacement: { text: 'b' } } }])
    const [note] = await Note.find().all()
    const history = await note!.history()
    expect(history.map(({ operation, changes }) => [operation, changes.text])).toEqual([
      ['insert', { to: 'a' }],
      ['update', { from: 'a', to: 'b' }],
    ])
    await expect(
      Note.bulkWrite([{ updateOne: { filter: { text: 'z' }, update: { $rename: { text: 'text' } }, upsert: true } }]),
    ).rejects.toMatchObject({ code: 'INVALID_UPDATE' })
  })

  test('encrypted fields are never stored in clear', async () => {
    setKeys([{ id: 'bulk', key: generateKey() }])
    await Person.bulkWrite([
      { insertOne: { document: { name: 'Ada', taxId: 'one-1' } } },
      { insertOne: { document: { name: 'Bob' } } },
      { updateOne: { filter: { name: 'Bob' }, update: { $set: { taxId: 'two-2' } } } },
      { updateOne: { filter: { name: 'Cid' }, update: { $set: { taxId: 'three-3' } }, upsert: true } },
      { replaceOne: { filter: { name: 'Ada' }, replacement: { name: 'Ada', taxId: 'four-4' } } },
    ])
    const raw = JSON.stringify(await (await Person.collection()).find().toArray())
    expect(raw).not.toMatch(/one-1|two-2|three-3|four-4/)
    expect((await Person.find().sort('name').all()).map(person => person.taxId)).toEqual(['four-4', 'two-2', 'three-3'])
  })

  test('a tenant reaches its own documents alone', async () => {
    let tenant = 'a'
    const tenants = definePlugin({ name: 'tenants', fields: { tenant: z.string() }, scope: () => ({ tenant }) })
    class Order extends model('BulkOrder', { n: z.int() }, { plugins: [tenants] }) {}
    await Order.insertMany([
      { n: 1, tenant: 'a' },
      { n: 1, tenant: 'b' },
    ])
    await Order.bulkWrite([{ updateMany: { filter: { n: 1 }, update: { $inc: { n: 1 } } } }])
    await Order.bulkWrite([{ deleteMany: { filter: { n: 1 } } }, { deleteOne: { filter: { n: 1 } } }])
    tenant = 'b'
    expect((await Order.find().one())?.n).toBe(1)
  })
})
