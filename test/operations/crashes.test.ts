// Bulk changes killed at random moments: after a resume the data is that of an undisturbed run, nothing lost or doubled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit, connect, connection, disconnect, model, undo, z } from 'goose-odm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findJob, listJobs } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { patience, rounds } from '../support/effort.ts'
import { programOf, runBeside } from '../support/other-process.ts'

class Counter extends model(
  'CrashCounter',
  { _id: z.int(), n: z.int(), list: z.array(z.int()).default([]) },
  { plugins: [audit()] },
) {}

const SIZE = 600
const folder = mkdtempSync(join(tmpdir(), 'goose-crashes-'))
const uri = process.env.GOOSE_TEST_URI ?? `embedded:${join(folder, 'data')}`
const database = `goose_crashes_${process.pid}`
let program: string

beforeAll(async () => {
  program = await programOf(
    'bulk-crash',
    `
import { apply, audit, connect, disconnect, model, undo, z } from './src/index.ts'
class Counter extends model('CrashCounter', { _id: z.int(), n: z.int(), list: z.array(z.int()).default([]) }, { plugins: [audit()] }) {}
const [database, what, run] = given
await connect(path, { database })
const query = Counter.find({ _id: { $gte: 0 } })
const plan = what === 'undo' ? undefined : what === 'delete' ? await query.planDelete({ batch: 30 }) : await query.plan({ $inc: { n: 1000 }, $push: { list: 7 } }, { batch: 30 })
console.log('ready')
const onProgress = one => { if (one.counters.matched) console.log('batch ' + one.counters.matched) }
await (plan ? apply(plan, { onProgress }) : undo(run, { onProgress }))
console.log('done')
await disconnect()
`,
  )
  await connect(uri, { database })
})
beforeEach(async () => {
  for (const name of ['crashcounters', '_goose_runs', '_goose_undo', '_goose_plans', '_audit_log', '_goose_locks'])
    await connection().db.collection(name).deleteMany({})
  await (await Counter.collection()).insertMany(
    Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n] })) as never,
  )
})
afterAll(async () => {
  await connection().db.dropDatabase()
  await disconnect()
  rmSync(folder, { recursive: true, force: true })
}, 150_000) // a server keeps the transaction of a killed client open for a minute

/** Starts a change beside, kills it after some of its batches, and gives the run it left. */
async function killed(what: string, run = ''): Promise<string> {
  const beside = runBeside(program, [uri, database, what, run])
  const batches = 1 + Math.floor(Math.random() * 12)
  await beside.line('ready')
  await beside.line(`batch ${batches * 30}`)
  await new Promise(resolve => setTimeout(resolve, Math.random() * 30))
  beside.kill()
  await beside.ended
  const [job] = await listJobs('default')
  return job?.run._id ?? ''
}

const all = () => Counter.find().sort('_id').lean().all()
// The reference server's index cannot be asked for a field named op.
const entries = async (op: string, operation: string) =>
  (await connection().db.collection('_audit_log').find().toArray())
    .filter(entry => entry.op === op && entry.operation === operation)
    .flatMap(unbundled).length

for (let round = 1; round <= rounds(3, 50); round++) {
  test(`a bulk update killed in the middle is whole after a resume, and can be taken back (${round})`, {
    timeout: patience(300_000),
  }, async () => {
    const run = await killed('update')
    expect((await findJob('default', run)).state).toBe('died')
    const ending = await resume('default', run)
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE, changed: SIZE } })
    expect(await all()).toEqual(Array.from({ length: SIZE }, (_, n) => ({ _id: n, n: n + 1000, list: [n, 7] })))
    expect(await entries(ending.operation, 'update')).toBe(SIZE)
    const taken = await undo(run)
    expect(taken.counters).toEqual({ matched: SIZE, restored: SIZE })
    expect(await all()).toEqual(Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n] })))
  })

  test(`a bulk delete and its undo, both killed in the middle, leave everything as it was (${round})`, {
    timeout: patience(300_000),
  }, async () => {
    const run = await killed('delete')
    const ending = await resume('default', run)
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE, deleted: SIZE } })
    expect(await Counter.find().count()).toBe(0)
    expect(await entries(ending.operation, 'delete')).toBe(SIZE)
    const taken = await resume('default', await killed('undo', run))
    expect(taken).toMatchObject({ state: 'done', counters: { matched: SIZE, restored: SIZE } })
    expect(await entries(taken.operation, 'restore')).toBe(SIZE)
    expect(await all()).toEqual(Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n] })))
  })
}

test('two who resume the same run: one does, the other is told who', { timeout: 120_000 }, async () => {
  const run = await killed('update')
  const both = await Promise.allSettled([resume('default', run), resume('default', run)])
  expect(both.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  const refused = both.find(result => result.status === 'rejected') as PromiseRejectedResult
  expect(['JOB_LOCKED', 'RUN_REFUSED']).toContain(refused.reason.code)
  expect((await all()).every(({ _id, n }) => n === Number(_id) + 1000)).toBe(true)
})

// The reference server has no validators.
test.skipIf(process.env.GOOSE_TEST_URI)(
  'without a place for the audit, nothing is changed',
  { timeout: 120_000 },
  async () => {
    const { db } = connection()
    await db
      .command({ collMod: '_audit_log', validator: { never: true } })
      .catch(() => db.createCollection('_audit_log', { validator: { never: true } }))
    const before = await all()
    const { apply } = await import('goose-odm')
    await expect(apply(await Counter.find({ _id: { $lt: 50 } }).plan({ $inc: { n: 1 } }))).rejects.toThrow()
    expect(await all()).toEqual(before)
    await db.command({ collMod: '_audit_log', validator: {} })
    const [job] = await listJobs('default')
    expect(await resume('default', job!.run._id)).toMatchObject({ isComplete: true, counters: { changed: 50 } })
  },
)
