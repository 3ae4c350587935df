import { AsyncLocalStorage } from 'node:async_hooks'
import { audit, connection, DocumentNotFound, definePlugin, many, model, ref, softDelete, z } from 'goose-odm'
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
    earlier: many(() => Invoice, 'next'),
  },
  { plugins: [tenant, softDelete(), audit()] },
) {}

let theirs: Invoice
beforeEach(async () => {
  await tenants.run('ours', () => Invoice.insertMany([{ total: 1 }, { total: 2 }]))
  theirs = await tenants.run('theirs', () => Invoice.create({ total: 3 }))
})

type Path = readonly [ask: () => unknown, answer: unknown]
const refused = (act: () => Promise<unknown>) => act().then(String, error => error.constructor.name)
const archive = async (ask: () => Promise<unknown>) => {
  const archived = connection().db.collection('scopeinvoices_archive')
  await archived.insertOne({ total: 8, tenant: 'theirs', deletedAt: null })
  return ask()
}
const third = () => Invoice.find({ total: 3 })

/** What asks the database, and what it answers to one who may see two of three invoices. */
const statics: Record<string, Path> = {
  find: [async () => (await Invoice.find({ $or: [{ total: 1 }, { total: 3 }] }).all()).length, 1],
  findOne: [() => Invoice.findOne(theirs._id), null],
  get: [() => refused(() => Invoice.get(theirs._id)), 'DocumentNotFound'],
  count: [() => Invoice.count(), 2],
  exists: [() => Invoice.exists({ total: 3 }), false],
  distinct: [async () => (await Invoice.distinct('total')).sort(), [1, 2]],
  findDeleted: [async () => (await Invoice.findDeleted().all()).length, 0],
  updateMany: [() => Invoice.updateMany({ total: 3 }, { $set: { total: 4 } }), { matchedCount: 0, modifiedCount: 0 }],
  deleteMany: [() => Invoice.deleteMany({ total: 3 }), { deletedCount: 0 }],
  bulkWrite: [
    async () => {
      const filter = { total: 3 }
      const update = { $set: { total: 4 } }
      const { matchedCount, deletedCount } = await Invoice.bulkWrite([
        { updateOne: { filter, update } },
        { updateMany: { filter, update } },
        { replaceOne: { filter, replacement: { total: 5 } } },
        { deleteOne: { filter } },
        { deleteMany: { filter } },
      ])
      return [matchedCount, deletedCount]
    },
    [0, 0],
  ],
  aggregate: [
    async () => {
      const [faceted] = await Invoice.aggregate([{ $facet: { all: [{ $match: {} }] } }])
      const union = await Invoice.aggregate([{ $unionWith: 'scopeinvoices' }])
      return [(await Invoice.aggregate([{ $match: {} }])).length, faceted?.all.length, union.length]
    },
    [2, 2, 4],
  ],
  counts: [async () => Invoice.counts([(await Invoice.find({ total: 2 }).one())!], 'earlier'), [1]],
  archived: [() => archive(() => Invoice.archived().count()), 0],
  withArchive: [() => archive(() => Invoice.withArchive().count()), 2],
  validate: [() => Invoice.validate({ total: 3 }), []],
  variant: [
    async () => {
      class Credit extends Invoice.variant('scopeCredit', { reason: z.string() }) {}
      await Credit.create({ total: 9, reason: 'x' })
      const seen = await tenants.run('theirs', () => Credit.count())
      await Credit.deleteMany({ total: 9 })
      return seen
    },
    0,
  ],
}
const queries: Record<string, Path> = {
  all: [async () => (await Invoice.find().all()).length, 2],
  first: [() => third().first(), null],
  one: [() => third().one(), null],
  count: [() => third().count(), 0],
  exists: [() => third().exists(), false],
  distinct: [() => third().distinct('total'), []],
  page: [async () => (await Invoice.find().page()).total, 2],
  after: [async () => (await Invoice.find().after()).items.length, 2],
  before: [async () => (await Invoice.find().before()).items.length, 2],
  populate: [async () => (await Invoice.find({ total: 1 }).populate('next').first())?.next, null],
  lean: [async () => (await Invoice.find().lean().all()).length, 2],
  updateMany: [() => third().updateMany({ $inc: { total: 1 } }), { matchedCount: 0, modifiedCount: 0 }],
  deleteMany: [() => third().deleteMany(), { deletedCount: 0 }],
  plan: [async () => (await third().plan({ $inc: { total: 1 } })).matched, 0],
  planDelete: [async () => (await third().planDelete()).matched, 0],
  explain: [async () => JSON.stringify(await Invoice.find().explain()).includes('ours'), true],
  includeDeleted: [() => third().includeDeleted().count(), 0],
  onlyDeleted: [() => third().onlyDeleted().count(), 0],
  find: [() => Invoice.find().find({ total: 3 }).count(), 0],
  [Symbol.asyncIterator.toString()]: [
    async () => {
      let seen = 0
      for await (const _ of Invoice.find()) seen++
      return seen
    },
    2,
  ],
}
const documents: Record<string, Path> = {
  save: [() => refused(() => Object.assign(theirs, { total: 99 }).save()), 'DocumentNotFound'],
  update: [() => refused(() => theirs.update({ $inc: { total: 1 } })), 'DocumentNotFound'],
  reload: [() => refused(() => theirs.reload()), 'DocumentNotFound'],
  delete: [() => refused(() => theirs.delete()), 'DocumentNotFound'],
  hardDelete: [() => refused(() => theirs.hardDelete()), 'DocumentNotFound'],
  restore: [() => refused(() => theirs.restore()), 'DocumentNotFound'],
  revertTo: [
    async () => {
      Object.assign(theirs, { total: 77 })
      return refused(async () => theirs.revertTo((await theirs.history())[0]!))
    },
    'DocumentNotFound',
  ],
  populate: [async () => (await (await Invoice.find({ total: 1 }).one())!.populate('next')).next, null],
  earlier: [
    async () => {
      const { earlier } = (await Invoice.find({ total: 2 }).one())!
      return [await earlier.count(), (await earlier.load()).length]
    },
    [1, 1],
  ],
}

/** What asks for nothing that a scope could narrow. */
const harmless = {
  statics: {
    'writes new documents': ['create', 'insertMany'],
    'is the documented way round': ['collection', 'watch'],
    'is about the collection as a whole': ['diffIndexes', 'syncIndexes', 'ensureCollection', 'rotateKeys'],
    'asks nothing': ['ref', 'createSchema', 'updateSchema', 'jsonSchema', 'definition', 'modelName', 'stateOf'],
    'is of the class itself': ['length', 'name', 'prototype'],
  },
  queries: {
    'gives another query': ['sort', 'skip', 'limit', 'select', 'hint', 'maxTime'],
    'asks nothing': ['constructor', 'model', 'state'],
  },
  documents: {
    'asks nothing': ['constructor', 'isNew', 'isDirty', 'changes', 'equals', 'toObject', 'toJSON', 'toBSON', 'load'],
    'shows itself': ['Symbol(nodejs.util.inspect.custom)'],
    'reads the audit of a document one has': ['history'],
  },
} as const

// Every name that a class and what it extends bring along; a new one is to be put into one of the tables.
function namesOf(object: object, until: object): string[] {
  const found = new Set<string>()
  for (let at: object | null = object; at && at !== until; at = Object.getPrototypeOf(at))
    for (const key of Reflect.ownKeys(at)) found.add(key.toString())
  return [...found].sort()
}

test.each([
  ['a class', () => namesOf(Invoice, Function.prototype), statics, harmless.statics],
  ['a query', () => namesOf(Object.getPrototypeOf(Invoice.find()), Object.prototype), queries, harmless.queries],
  ['a document', () => namesOf(Invoice.prototype, Object.prototype), documents, harmless.documents],
] as const)('every public name of %s is known here', (_, names, paths, others) => {
  expect(names()).toEqual([...Object.keys(paths), ...Object.values(others).flat()].sort())
})

const all = Object.entries({ class: statics, query: queries, document: documents }).flatMap(([of, paths]) =>
  Object.entries(paths).map(([name, path]) => [of, name, path] as const),
)
test.each(all)('of a %s, %s does not lead past the scope', (_of, _name, [ask, answer]) =>
  tenants.run('ours', async () => {
    const [first, second] = await Invoice.find().sort('total').all()
    await Object.assign(first!, { next: theirs }).save()
    await Object.assign(second!, { next: second }).save()
    await (await Invoice.collection()).updateOne({ _id: theirs._id }, { $set: { next: second!._id } })
    expect(await ask()).toEqual(answer)
    expect(await (await Invoice.collection()).findOne({ _id: theirs._id })).toMatchObject({ total: 3 })
  }),
)

test('a document of another tenant cannot be saved, updated, reloaded or deleted', () =>
  tenants.run('ours', async () => {
    theirs.total = 99
    await expect(theirs.save()).rejects.toThrow(DocumentNotFound)
    await expect(theirs.update({ $inc: { total: 1 } })).rejects.toThrow(DocumentNotFound)
    await expect(theirs.reload()).rejects.toThrow(DocumentNotFound)
    await expect(theirs.delete()).rejects.toThrow(DocumentNotFound)
    expect(await (await Invoice.collection()).findOne({ _id: theirs._id })).toMatchObject({ total: 3 })
  }))
