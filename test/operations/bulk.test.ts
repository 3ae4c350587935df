// Plan, apply, undo: what was approved is what happens, and it can be taken back where nobody has changed it since.
import { apply, audit, connection, Long, model, softDelete, timestamps, undo, version, z } from 'goose-odm'
import { beforeEach, expect, test } from 'vitest'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { UNDO } from '../../src/operations/bulk-images.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('bulk')

class Member extends model(
  'BulkMember',
  {
    name: z.string(),
    status: z.string().default('inactive'),
    visits: z.number().default(0),
    tags: z.array(z.string()).default([]),
    address: z.object({ city: z.string(), zip: z.string().optional() }).optional(),
  },
  { plugins: [timestamps(), audit(), version()] },
) {}
class Note extends model('BulkNote', { text: z.string() }, { plugins: [softDelete()] }) {}
class Plain extends model(
  'BulkPlain',
  { code: z.string(), n: z.number().optional() },
  { indexes: [{ key: { code: 1 }, unique: true }] },
) {}

const raw = async (of: { collection(): Promise<unknown> }) =>
  ((await of.collection()) as ReturnType<ReturnType<typeof connection>['db']['collection']>)
    .find({}, { sort: { _id: 1 }, promoteValues: false })
    .toArray()
const status = { $set: { status: 'expired' } }

beforeEach(async () => {
  await Member.insertMany(
    Array.from({ length: 25 }, (_, n) => ({ name: `m${n}`, status: n % 5 === 0 ? 'active' : 'inactive', visits: n })),
  )
})

test('a plan says how many, which values change how often, a sample, and changes nothing', async () => {
  const before = await raw(Member)
  const plan = await Member.find({ status: 'inactive' }).plan(status)
  expect(plan).toMatchObject({ kind: 'bulk update', matched: 20, total: 25, batches: 1, audited: true, hooks: false })
  expect(plan.changes).toContainEqual({ path: 'status', from: 'inactive', to: 'expired', count: 20, isVarious: false })
  expect(plan.sample[0]?.changes).toContainEqual({ path: 'status', from: 'inactive', to: 'expired' })
  expect(plan.schema).toEqual({ checked: 20, valid: 20, issues: [] })
  expect(plan.index.scans).toBe(true)
  expect(await raw(Member)).toEqual(before)
})

test('a plan tries operators on the server and gives the try up', async () => {
  const before = await raw(Member)
  const plan = await Member.find({ name: 'm3' }).plan({ $inc: { visits: 4 }, $push: { tags: 'x' } })
  expect(plan.sample[0]?.changes).toEqual(
    expect.arrayContaining([
      { path: 'visits', from: 3, to: 7 },
      { path: 'tags', from: [], to: ['x'] },
    ]),
  )
  expect(await raw(Member)).toEqual(before)
})

test('a plan tells of documents that would not fit their model', async () => {
  const plan = await Member.find({ name: 'm3' }).plan([{ $set: { status: { $add: ['$visits', 1] } } }])
  expect(plan.schema).toMatchObject({ checked: 1, valid: 0 })
  expect(plan.schema.issues[0]).toMatch(/^status: /)
})

test('apply does what was planned, in batches, with audit; undo takes it back, and undo of that does it again', async () => {
  const before = await raw(Member)
  const done = await apply(await Member.find({ status: 'inactive' }).plan(status, { batch: 7 }))
  expect(done).toMatchObject({ state: 'done', counters: { matched: 20, changed: 20 }, isComplete: true })
  expect(await Member.find({ status: 'expired' }).count()).toBe(20)
  const after = await raw(Member)
  const log = await connection().db.collection('_audit_log').find().toArray()
  const entries = log.filter(entry => entry.op === done.operation && entry.operation === 'update')
  expect(entries.length).toBe(20)
  expect(entries[0]).toMatchObject({ via: 'bulk', changes: { status: { from: 'inactive', to: 'expired' } } })
  const taken = await undo(done.run)
  expect(taken).toMatchObject({ state: 'done', counters: { matched: 20, restored: 20 } })
  const versions = (documents: object[]) => documents.map(({ _v, ...rest }: { _v?: unknown }) => rest)
  expect(versions(await raw(Member))).toEqual(versions(before))
  await undo(taken.run)
  expect(versions(await raw(Member))).toEqual(versions(after))
  const faults: AuditFault[] = []
  await verifyChains(connection().db, fault => faults.push(fault))
  // The database was emptied between tests, so only this run's own batches can be whole.
  expect(faults.filter(({ chain }) => chain.startsWith(done.operation))).toEqual([])
})

test.each([
  ['operators', { $inc: { visits: 3 }, $push: { tags: 'new' }, $set: { 'address.city': 'Bonn' } }],
  ['a pipeline', [{ $set: { name: { $concat: ['$name', '!'] } } }]],
  ['a removal of fields', { $unset: { address: 1 } }],
])('%s are taken back to the same types and values', async (_, update) => {
  await (await Member.collection()).updateMany({ visits: { $gt: 10 } }, {
    $set: { visits: Long.fromNumber(12), address: { zip: '5', city: 'X' } },
  } as never)
  const before = (await raw(Member)).map(({ _v, ...rest }) => rest)
  const done = await apply(await Member.find({ status: 'inactive' }).plan(update as never, { batch: 6 }))
  expect((await raw(Member)).map(({ _v, ...rest }) => rest)).not.toEqual(before)
  await undo(done.run)
  expect((await raw(Member)).map(({ _v, ...rest }) => rest)).toEqual(before)
})

test('a plan is refused when a document it matched has changed, gone, or another has come', async () => {
  const find = () => Member.find({ status: 'inactive' })
  const changed = await find().plan(status)
  await (await find().first())!.update({ $set: { status: 'gone' } })
  await expect(apply(changed)).rejects.toMatchObject({
    code: 'PLAN_DRIFTED',
    exit: 12,
    message: expect.stringContaining('1 of 20'),
  })
  const grown = await find().plan(status)
  await Member.create({ name: 'new' })
  await expect(apply(grown)).rejects.toMatchObject({ code: 'PLAN_DRIFTED', message: expect.stringContaining('1 more') })
  expect(await Member.find({ status: 'expired' }).count()).toBe(0)
})

test('within a tolerance, what has changed is left as it is and told', async () => {
  const plan = await Member.find({ status: 'inactive' }).plan(status)
  const one = (await Member.findOne({ name: 'm1' }))!
  await one.update({ $set: { status: 'mine' } })
  const two = (await Member.findOne({ name: 'm2' }))!
  await two.update({ $inc: { visits: 1 } })
  const done = await apply(plan, { tolerance: 2 })
  expect(done).toMatchObject({ isComplete: true, counters: { matched: 20, kept: 2, changed: 18 } })
  expect((await Member.get(one._id)).status).toBe('mine')
  expect((await Member.get(two._id)).status).toBe('inactive')
})

test('a plan is applied once', async () => {
  const plan = await Member.find({ status: 'inactive' }).plan(status)
  await apply(plan)
  await expect(apply(plan.id)).rejects.toMatchObject({
    code: 'PLAN_DRIFTED',
    message: expect.stringContaining('applied by'),
  })
  await expect(apply('plan_none')).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND', exit: 5 })
})

test('undo leaves what somebody has changed since, and says so', async () => {
  const done = await apply(await Member.find({ status: 'inactive' }).plan(status))
  await (await Member.findOne({ name: 'm1' }))!.update({ $set: { status: 'mine' } })
  await (await Member.findOne({ name: 'm2' }))!.update({ $set: { name: 'other field' } })
  await (await Member.findOne({ name: 'm3' }))!.delete()
  const taken = await undo(done.run)
  expect(taken.counters).toMatchObject({ matched: 20, restored: 18, conflicts: 2 })
  expect(taken.noted.map(note => note.why).sort()).toEqual(['"status" was changed since', 'it is gone'])
  expect((await Member.findOne({ name: 'm1' }))!.status).toBe('mine')
  expect((await Member.findOne({ name: 'other field' }))!.status).toBe('inactive')
})

test('undo with force restores the values all the same', async () => {
  const done = await apply(await Member.find({ status: 'inactive' }).plan(status))
  await (await Member.findOne({ name: 'm1' }))!.update({ $set: { status: 'mine' } })
  await undo(done.run, { force: true })
  expect((await Member.findOne({ name: 'm1' }))!.status).toBe('inactive')
})

test('a bulk delete keeps whole documents, in their order of keys and their types', async () => {
  const plain = await Plain.collection()
  await plain.insertMany([
    new Map<string, unknown>([
      ['code', 'a'],
      ['10', 1],
      [
        '9',
        new Map<string, unknown>([
          ['b', 1],
          ['2', Long.fromNumber(3)],
        ]),
      ],
    ]),
    { code: 'b' },
  ] as never)
  const bytes = async () =>
    (await plain.find({}, { raw: true }).sort({ code: 1 }).toArray()).map(one =>
      Buffer.from(one as never).toString('hex'),
    )
  const before = await bytes()
  const done = await apply(await Plain.find({ code: { $in: ['a', 'b'] } }).planDelete())
  expect(done.counters).toEqual({ matched: 2, deleted: 2 })
  expect(await plain.countDocuments()).toBe(0)
  await undo(done.run)
  expect(await bytes()).toEqual(before)
})

test('what a unique index refuses by now is a conflict, and the rest comes back', async () => {
  await Plain.syncIndexes()
  await Plain.insertMany([{ code: 'a' }, { code: 'b' }, { code: 'c' }])
  const done = await apply(await Plain.find({ code: { $ne: 'z' } }).planDelete())
  await Plain.create({ code: 'b', n: 5 })
  const taken = await undo(done.run)
  expect(taken.counters).toMatchObject({ restored: 2, conflicts: 1 })
  expect((await Plain.find().sort('code').all()).map(({ code, n }) => [code, n])).toEqual([
    ['a', undefined],
    ['b', 5],
    ['c', undefined],
  ])
})

test('a model that keeps deleted documents marks them; hard removes them; both come back', async () => {
  await Note.insertMany([{ text: 'one' }, { text: 'two' }, { text: 'three' }])
  const before = await raw(Note)
  const marked = await apply(await Note.find({ text: { $ne: 'two' } }).planDelete())
  expect(await Note.find().count()).toBe(1)
  expect((await Note.findDeleted().all()).map(note => note.deletion?.op)).toEqual([marked.operation, marked.operation])
  await undo(marked.run)
  expect(await raw(Note)).toEqual(before)
  const removed = await apply(await Note.find({ text: 'one' }).planDelete({ hard: true }))
  expect(await (await Note.collection()).countDocuments()).toBe(2)
  await undo(removed.run)
  expect(await raw(Note)).toEqual(before)
})

test('an empty filter, too many documents and encrypted fields are refused before anything is read', async () => {
  await expect(Member.find().plan(status)).rejects.toMatchObject({ code: 'EMPTY_FILTER_REFUSED' })
  await expect(Member.find().planDelete()).rejects.toMatchObject({ code: 'EMPTY_FILTER_REFUSED' })
  for (const filter of [{ $and: [{}, {}] }, { $or: [{ status: 'inactive' }, {}] }, { $and: [{ $or: [{}] }] }])
    await expect(Member.find(filter).plan(status)).rejects.toMatchObject({ code: 'EMPTY_FILTER_REFUSED' })
  expect((await Member.find().plan(status, { all: true })).matched).toBe(25)
  await expect(Member.find({ status: 'inactive' }).plan(status, { maxDocs: 3 })).rejects.toMatchObject({
    code: 'TOO_MANY_DOCUMENTS',
  })
})

test('a run that was stopped goes on with its own filter, and adds nothing twice', async () => {
  const stop = new AbortController()
  const plan = await Member.find({ status: 'inactive' }).plan({ $inc: { visits: 100 } }, { batch: 6 })
  const onProgress = (run: { counters: Readonly<Record<string, number>> }) =>
    (run.counters.matched ?? 0) >= 12 && stop.abort()
  const part = await apply(plan, { stop: stop.signal, onProgress: onProgress as never })
  expect(part).toMatchObject({ state: 'stopped', counters: { changed: 12 } })
  const { resume } = await import('../../src/operations/resuming.ts')
  const whole = await resume('default', part.run)
  expect(whole).toMatchObject({ state: 'done', counters: { changed: 20, matched: 20 } })
  expect((await Member.find({ visits: { $gte: 100 } }).all()).map(member => member.visits < 200)).toEqual(
    Array(20).fill(true),
  )
  expect(await connection().db.collection(UNDO).countDocuments({ run: part.run })).toBe(4)
})

test('with hooks, each document goes through its model', async () => {
  class Loud extends model('BulkLoud', { name: z.string(), loud: z.string().optional() }) {
    override preSave() {
      this.loud = this.name.toUpperCase()
    }
  }
  await (await Loud.collection()).insertMany([{ name: 'a' }, { name: 'b' }])
  const done = await apply(await Loud.find({ name: 'a' }).plan({ $set: { name: 'c' } }, { hooks: true }))
  expect(await Loud.find({ loud: 'C' }).count()).toBe(1)
  await undo(done.run)
  expect(await (await Loud.collection()).find({}, { projection: { _id: 0 } }).toArray()).toEqual([
    { name: 'a' },
    { name: 'b' },
  ])
})
