// Bulk changes on a server without transactions: stopped, killed and taken back, the data is that of an undisturbed run.
import {
  apply,
  audit,
  connect,
  connection,
  disconnect,
  model,
  softDelete,
  timestamps,
  undo,
  version,
  z,
} from 'goose-odm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { findJob, listJobs, steerJob } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { patience, rounds } from '../support/effort.ts'
import { programOf, runBeside } from '../support/other-process.ts'

class Counter extends model(
  'AloneCounter',
  { _id: z.int(), n: z.int(), list: z.array(z.int()).default([]), state: z.string().default('new') },
  { plugins: [audit(), timestamps(), version()] },
) {}
class Letter extends model('AloneLetter', { text: z.string() }, { plugins: [softDelete(), audit()] }) {}
class Code extends model(
  'AloneCode',
  { _id: z.int(), code: z.string() },
  { plugins: [audit()], indexes: [{ key: { code: 1 }, unique: true }] },
) {}

const SIZE = 200
const database = 'alone'
let server: Embedded
let program: string

beforeAll(async () => {
  server = await startEmbedded({ standalone: true, durable: false })
  program = await programOf(
    'standalone-crash',
    `
import { apply, audit, connect, disconnect, model, timestamps, undo, version, z } from './src/index.ts'
class Counter extends model('AloneCounter', { _id: z.int(), n: z.int(), list: z.array(z.int()).default([]), state: z.string().default('new') },
  { plugins: [audit(), timestamps(), version()] }) {}
const [database, what, run, commands] = given
const { client } = await connect(path, { database, driver: { monitorCommands: true } })
let left = Infinity
const countDown = () => { if (--left === 0) process.kill(process.pid, 'SIGKILL') }
client.on('commandStarted', countDown)
client.on('commandSucceeded', countDown)
const query = Counter.find({ _id: { $gte: 0 } })
const plan = what === 'undo' ? undefined : what === 'delete' ? await query.planDelete({ batch: 25 }) : await query.plan({ $inc: { n: 1000 }, $push: { list: 7 }, $set: { state: 'done' } }, { batch: 25 })
const onProgress = one => { if (one.counters.matched === 50) left = Number(commands) }
await (plan ? apply(plan, { onProgress }) : undo(run, { onProgress }))
console.log('done')
await disconnect()
`,
  )
})
beforeEach(async () => {
  await disconnect()
  await connect(server.uri, { database })
  await connection().db.dropDatabase()
  await disconnect()
  await connect(server.uri, { database })
  await (await Counter.collection()).insertMany(
    Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n], state: 'new', _v: 0 })) as never,
  )
})
afterAll(async () => {
  await disconnect()
  await server.close()
})

const stored = async () =>
  (await (
    await Counter.collection()
  )
    .find({}, { projection: { updatedAt: 0, _v: 0 } })
    .sort({ _id: 1 })
    .toArray()) as object[]
const first = Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n], state: 'new' }))
const changed = Array.from({ length: SIZE }, (_, n) => ({ _id: n, n: n + 1000, list: [n, 7], state: 'done' }))
const plan = () =>
  Counter.find({ _id: { $gte: 0 } }).plan(
    { $inc: { n: 1000 }, $push: { list: 7 }, $set: { state: 'done' } },
    { batch: 25 },
  )

async function entries(op: string, operation: string): Promise<number> {
  const stored = await connection().db.collection('_audit_log').find({ op, operation }).toArray()
  const found = stored.flatMap(unbundled)
  expect(new Set(found.map(entry => String(entry.documentId))).size).toBe(found.length)
  return found.length
}

async function faults(): Promise<readonly AuditFault[]> {
  const found: AuditFault[] = []
  await verifyChains(connection().db, fault => found.push(fault))
  return found
}

/** Starts a change beside, which kills itself some commands after its second batch, and gives the run it left. */
async function killed(what: string, run = '', commands = 1 + Math.floor(Math.random() * 60)): Promise<string> {
  await runBeside(program, [server.uri, database, what, run, String(commands)]).ended
  const [job] = await listJobs('default')
  expect((await findJob('default', job!.run._id)).state).toBe('died')
  return job!.run._id
}

test('an update and its undo do what they do elsewhere, and an undo can be undone', async () => {
  const done = await apply(await plan())
  expect(done).toMatchObject({ state: 'done', counters: { matched: SIZE, changed: SIZE } })
  expect(await stored()).toEqual(changed)
  expect(await entries(done.operation, 'update')).toBe(SIZE)
  const taken = await undo(done.run)
  expect(taken.counters).toEqual({ matched: SIZE, restored: SIZE })
  expect(await stored()).toEqual(first)
  expect(await entries(taken.operation, 'update')).toBe(SIZE)
  expect((await undo(taken.run)).counters).toEqual({ matched: SIZE, restored: SIZE })
  expect(await stored()).toEqual(changed)
  expect(await faults()).toEqual([])
})

test('a delete and its undo, and the undo of that', async () => {
  const done = await apply(await Counter.find({ _id: { $gte: 50 } }).planDelete({ batch: 25 }))
  expect(done.counters).toEqual({ matched: 150, deleted: 150 })
  expect(await Counter.count()).toBe(50)
  const taken = await undo(done.run)
  expect(taken.counters).toEqual({ matched: 150, restored: 150 })
  expect(await stored()).toEqual(first)
  expect((await undo(taken.run)).counters).toEqual({ matched: 150, restored: 150 })
  expect(await Counter.count()).toBe(50)
  expect(await faults()).toEqual([])
})

test('a model that keeps deleted documents marks them, and they come back', async () => {
  await Letter.insertMany([{ text: 'one' }, { text: 'two' }, { text: 'three' }])
  const all = async () => (await Letter.collection()).find().sort({ _id: 1 }).toArray()
  const before = await all()
  const done = await apply(await Letter.find({ text: { $ne: 'two' } }).planDelete())
  expect((await Letter.findDeleted().all()).map(({ deletion }) => deletion?.op)).toEqual([
    done.operation,
    done.operation,
  ])
  await undo(done.run)
  expect(await all()).toEqual(before)
})

test('a run that was stopped goes on where it was, and adds nothing twice', async () => {
  const stop = new AbortController()
  const onProgress = (run: { readonly counters: Readonly<Record<string, number>> }) =>
    (run.counters.matched ?? 0) >= 75 && stop.abort()
  const part = await apply(await plan(), { stop: stop.signal, onProgress: onProgress as never })
  expect(part).toMatchObject({ state: 'stopped', counters: { changed: 75 } })
  expect(await stored()).toEqual([...changed.slice(0, 75), ...first.slice(75)])
  expect(await resume('default', part.run)).toMatchObject({ state: 'done', counters: { changed: SIZE } })
  expect(await stored()).toEqual(changed)
})

test('undo leaves what somebody has changed since, and says so', async () => {
  const done = await apply(await plan())
  const counters = await Counter.collection()
  await counters.updateOne({ _id: 3 as never }, { $set: { state: 'mine' } })
  await counters.deleteOne({ _id: 4 as never })
  const taken = await undo(done.run)
  expect(taken.counters).toEqual({ matched: SIZE, restored: SIZE - 2, conflicts: 2 })
  expect(await stored()).toEqual(
    first.flatMap(one => (one._id === 4 ? [] : one._id === 3 ? [{ ...changed[3], state: 'mine' }] : [one])),
  )
})

test('what a unique index refuses stays, the rest of the batch is kept in the log and can be taken back', async () => {
  await Code.syncIndexes()
  await Code.insertMany([1, 2, 3].map(n => ({ _id: n, code: `c${n}` })))
  const codes = async () => (await Code.find().sort('_id').lean().all()).map(({ code }) => code)
  await expect(apply(await Code.find({ _id: { $gt: 0 } }).plan({ $set: { code: 'same' } }))).rejects.toMatchObject({
    code: 'DUPLICATE_KEY',
  })
  expect((await codes()).filter(code => code === 'same')).toHaveLength(1)
  const [job] = await listJobs('default')
  expect(await (await Code.collection()).find({ _goose: { $exists: true } }).toArray()).toEqual([])
  await undo(job!.run._id)
  expect(await codes()).toEqual(['c1', 'c2', 'c3'])
  const removed = await apply(await Code.find({ _id: { $gt: 0 } }).planDelete())
  await Code.create({ _id: 9, code: 'c2' })
  expect((await undo(removed.run)).counters).toEqual({ matched: 3, restored: 2, conflicts: 1 })
  expect(await codes()).toEqual(['c1', 'c3', 'c2'])
  expect(await faults()).toEqual([])
})

test('a pipeline that replaces whole documents leaves no stamp in them, nor in the log', async () => {
  const query = Counter.find({ _id: { $lt: 5 } })
  const done = await apply(await query.plan([{ $replaceWith: { _id: '$_id', n: { $add: ['$n', 1] }, list: '$list' } }]))
  expect((await stored()).slice(0, 2)).toEqual([
    { _id: 0, n: 1, list: [0] },
    { _id: 1, n: 2, list: [1] },
  ])
  const logged = await connection().db.collection('_audit_log').find({ op: done.operation }).toArray()
  expect(logged.filter(({ changes }) => Object.keys(changes).some(path => path.startsWith('_goose')))).toEqual([])
  expect((await undo(done.run)).counters).toEqual({ matched: 5, restored: 5 })
  expect(await stored()).toEqual(first)
})

test('a change with hooks is refused by name, and nothing is changed', async () => {
  await expect(
    Counter.find({ _id: { $gte: 0 } }).plan({ $set: { state: 'x' } }, { hooks: true }),
  ).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
  expect(await stored()).toEqual(first)
})

test('a run that was cut off in the middle of a batch is neither cancelled nor taken back before it goes on', {
  timeout: patience(120_000),
}, async () => {
  // Fourteen commands sent or answered after a checkpoint: the next batch has its images, and is not yet kept.
  const run = await killed('update', '', 14)
  await expect(steerJob('default', run, 'cancel')).rejects.toMatchObject({ code: 'RUN_REFUSED' })
  await resume('default', run)
  expect((await undo(run)).counters).toMatchObject({ restored: SIZE })
  expect(await stored()).toEqual(first)
})

for (let round = 1; round <= rounds(3, 50); round++) {
  test(`an update and its undo, both killed in the middle, are whole after a resume (${round})`, {
    timeout: patience(120_000),
  }, async () => {
    const ending = await resume('default', await killed('update'))
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE, changed: SIZE } })
    expect(await stored()).toEqual(changed)
    expect(await entries(ending.operation, 'update')).toBe(SIZE)
    const taken = await resume('default', await killed('undo', ending.run))
    expect(taken).toMatchObject({ state: 'done', counters: { matched: SIZE, restored: SIZE } })
    expect(await stored()).toEqual(first)
    expect(await entries(taken.operation, 'update')).toBe(SIZE)
    expect(await faults()).toEqual([])
  })

  test(`a delete and its undo, both killed in the middle, leave everything as it was (${round})`, {
    timeout: patience(120_000),
  }, async () => {
    const ending = await resume('default', await killed('delete'))
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE, deleted: SIZE } })
    expect(await Counter.count()).toBe(0)
    expect(await entries(ending.operation, 'delete')).toBe(SIZE)
    const taken = await resume('default', await killed('undo', ending.run))
    expect(taken).toMatchObject({ state: 'done', counters: { matched: SIZE, restored: SIZE } })
    expect(await stored()).toEqual(first)
    expect(await entries(taken.operation, 'restore')).toBe(SIZE)
    expect(await faults()).toEqual([])
  })
}
