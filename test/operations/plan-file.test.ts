// Plans in files: applied as they were written, in the database they were made for, or not at all.
import { apply, connection, model, z } from 'goose-odm'
import { BSON, type Document } from 'mongodb'
import { beforeEach, expect, test } from 'vitest'
import { keepPlanFile, planFile } from '../../src/operations/plan-file.ts'
import { PLANS } from '../../src/operations/plan-pages.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('plan-file')

class Task extends model('PlanFileTask', { n: z.int(), weight: z.number(), state: z.string() }) {}

beforeEach(() => Task.insertMany(Array.from({ length: 30 }, (_, n) => ({ n, weight: n / 4, state: 'open' }))))

/** A plan as it comes out of its file. */
async function fileOf(update: Document): Promise<Document> {
  const { id, connection: alias } = await Task.find({ n: { $lt: 20 } }).plan(update as never, { batch: 7 })
  const text = BSON.EJSON.stringify(await planFile(alias, id), { relaxed: false })
  return BSON.EJSON.parse(text, { relaxed: false })
}

const plans = () => connection().db.collection<{ _id: string }>(PLANS)
const shut = () => Task.count({ state: 'shut' })

test('a plan is applied from its file, also when some or all of it is kept no longer', async () => {
  for (const gone of [{}, { _id: /00000002$/ }, { _id: /^plan_[^/]*$/ }]) {
    const file = await fileOf({ $set: { state: 'shut' } })
    await plans().deleteMany(gone)
    const done = await apply(await keepPlanFile('default', file))
    expect(done.counters).toEqual({ matched: 20, changed: 20 })
    expect(await shut()).toBe(20)
    await Task.updateMany({}, { $set: { state: 'open' } }, { all: true })
  }
})

test.each<[string, (file: Document) => void]>([
  ['fewer pages', file => file.pages.pop()],
  ['no pages', file => file.pages.splice(0)],
  ['another change', file => Object.assign(file.plan.sent, { change: file.plan.sent.filter })],
  ['another digest', file => Object.assign(file.plan, { digest: '0' })],
  ['another time to be valid', file => Object.assign(file.plan, { expiresAt: new Date(Date.now() + 1e9) })],
  ['another id', file => Object.assign(file.plan, { _id: 'plan_other' })],
  ['another database', file => Object.assign(file, { database: 'elsewhere' })],
  ['no digest of its own', file => Reflect.deleteProperty(file, 'sha256')],
])('a file with %s is refused, and nothing is changed', async (_, edit) => {
  const file = await fileOf({ $set: { state: 'shut' } })
  edit(file)
  const refused = { code: 'PLAN_DRIFTED', message: expect.stringContaining('changed since it was written') }
  await expect(keepPlanFile('default', file)).rejects.toMatchObject(refused)
  expect(await shut()).toBe(0)
})

test('a file of another database is refused', async () => {
  const file = await fileOf({ $inc: { weight: 0.5 } })
  const { db } = connection()
  const other = db.databaseName
  Object.defineProperty(db, 'databaseName', { value: 'elsewhere', configurable: true })
  try {
    const refused = { code: 'PLAN_DRIFTED', message: expect.stringContaining(`made for the database ${other}`) }
    await expect(keepPlanFile('default', file)).rejects.toMatchObject(refused)
  } finally {
    Reflect.deleteProperty(db, 'databaseName')
  }
})
