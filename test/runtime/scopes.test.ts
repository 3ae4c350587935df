import { AsyncLocalStorage } from 'node:async_hooks'
import { DocumentNotFound, definePlugin, model, ref, z } from 'goose-odm'
import { beforeEach, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('scopes')

const tenants = new AsyncLocalStorage<string>()
const tenant = definePlugin({
  name: 'tenant',
  fields: { tenant: z.string().default(() => tenants.getStore() ?? 'none') },
  scope: () => ({ tenant: tenants.getStore() ?? 'none' }),
})
class Invoice extends model(
  'ScopeInvoice',
  {
    total: z.number(),
    next: ref(() => Invoice)
      .nullable()
      .default(null),
  },
  { plugins: [tenant] },
) {}

let theirs: Invoice
beforeEach(async () => {
  await tenants.run('ours', () => Invoice.insertMany([{ total: 1 }, { total: 2 }]))
  theirs = await tenants.run('theirs', () => Invoice.create({ total: 3 }))
})

test('no public path leads past the scope', () =>
  tenants.run('ours', async () => {
    const first = (await Invoice.find().sort('total').first())!
    first.next = theirs
    await first.save()
    const reads: Record<string, unknown> = {
      find: (await Invoice.find().all()).length,
      findById: (await Invoice.find({ _id: theirs._id }).all()).length,
      or: (await Invoice.find({ $or: [{ total: 3 }] }).all()).length,
      findOne: await Invoice.findOne(theirs._id),
      first: await Invoice.find({ total: 3 }).first(),
      one: await Invoice.find({ total: 3 }).one(),
      count: await Invoice.count(),
      exists: await Invoice.exists({ total: 3 }),
      distinct: (await Invoice.distinct('total')).sort(),
      page: (await Invoice.find().page()).total,
      after: (await Invoice.find().after()).items.length,
      before: (await Invoice.find().before()).items.length,
      aggregate: (await Invoice.aggregate([{ $match: {} }])).length,
      facet: (await Invoice.aggregate([{ $facet: { all: [{ $match: {} }] } }]))[0]?.all.length,
      populate: (await Invoice.find().sort('total').populate('next').first())?.next,
      updateMany: (await Invoice.updateMany({ total: 3 }, { $set: { total: 4 } })).matchedCount,
      deleteMany: (await Invoice.deleteMany({ total: 3 })).deletedCount,
      bulkUpdate: (await Invoice.bulkWrite([{ updateOne: { filter: { total: 3 }, update: { $set: { total: 4 } } } }]))
        .matchedCount,
      bulkDelete: (await Invoice.bulkWrite([{ deleteOne: { filter: { total: 3 } } }])).deletedCount,
    }
    expect(reads).toEqual({
      find: 2,
      findById: 0,
      or: 0,
      findOne: null,
      first: null,
      one: null,
      count: 2,
      exists: false,
      distinct: [1, 2],
      page: 2,
      after: 2,
      before: 2,
      aggregate: 2,
      facet: 2,
      populate: null,
      updateMany: 0,
      deleteMany: 0,
      bulkUpdate: 0,
      bulkDelete: 0,
    })
    let seen = 0
    for await (const _ of Invoice.find()) seen++
    expect(seen).toBe(2)
    await expect(Invoice.get(theirs._id)).rejects.toThrow(DocumentNotFound)
  }))

test('a document of another tenant cannot be saved, updated, reloaded or deleted', () =>
  tenants.run('ours', async () => {
    theirs.total = 99
    await expect(theirs.save()).rejects.toThrow(DocumentNotFound)
    await expect(theirs.update({ $inc: { total: 1 } })).rejects.toThrow(DocumentNotFound)
    await expect(theirs.reload()).rejects.toThrow(DocumentNotFound)
    await expect(theirs.delete()).rejects.toThrow(DocumentNotFound)
    expect(await (await Invoice.collection()).findOne({ _id: theirs._id })).toMatchObject({ total: 3 })
  }))
