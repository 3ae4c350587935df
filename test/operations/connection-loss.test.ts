// A lost connection in the middle of a bulk change: waited out, or given up with the checkpoint kept, and never a difference in the data.
import { apply, audit, connect, connection, disconnect, model, type RunEnding, undo, z } from 'goose-odm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/embedded/index.ts'
import { type AuditFault, verifyChains } from '../../src/operations/audit-verify.ts'
import { findJob, listJobs } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import type { RunControls } from '../../src/operations/run-steps.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { openProxy, type TcpProxy } from '../support/tcp-proxy.ts'

class Lamp extends model(
  'LossLamp',
  { _id: z.int(), n: z.int(), list: z.array(z.int()).default([]) },
  { plugins: [audit()] },
) {}

const SIZE = 200
const database = `goose_loss_${process.pid}`
const first = Array.from({ length: SIZE }, (_, n) => ({ _id: n, n, list: [n] }))
const changed = Array.from({ length: SIZE }, (_, n) => ({ _id: n, n: n + 1000, list: [n, 7] }))
// What is lost is found out soon, and a lost server is not looked for long.
const driver = { heartbeatFrequencyMS: 500, connectTimeoutMS: 500 }

const servers: readonly (readonly [string, EmbeddedOptions])[] = process.env.GOOSE_TEST_URI
  ? [['the server', {}]]
  : [
      ['a replica set', {}],
      ['a server without transactions', { standalone: true }],
    ]

// A server keeps the transaction of a connection that was cut open for a minute.
describe.each(servers)('%s', { timeout: 150_000 }, (_, options) => {
  let server: Embedded | undefined
  let proxy: TcpProxy

  beforeAll(async () => {
    const target = process.env.GOOSE_TEST_URI
    server = target ? undefined : await startEmbedded({ ...options, port: 0, durable: false })
    proxy = await openProxy(target ?? server!.uri)
    await connect(proxy.uri, { database, timeout: 1200, driver })
  })
  beforeEach(async () => {
    for (const name of ['losslamps', '_goose_runs', '_goose_undo', '_goose_plans', '_goose_locks'])
      await connection().db.collection(name).deleteMany({})
    await (await Lamp.collection()).insertMany(first as never)
  })
  afterEach(() => proxy.mend())
  afterAll(async () => {
    await connection().db.dropDatabase()
    await disconnect()
    await proxy.close()
    await server?.close()
  })

  const all = () => Lamp.find().sort('_id').lean().all()
  const plan = () => Lamp.find({ _id: { $gte: 0 } }).plan({ $inc: { n: 1000 }, $push: { list: 7 } }, { batch: 25 })
  const planDelete = () => Lamp.find({ _id: { $gte: 0 } }).planDelete({ batch: 25 })
  const entries = async (op: string) =>
    (await connection().db.collection('_audit_log').find().toArray())
      .filter(entry => entry.op === op && entry.operation !== 'batch')
      .flatMap(unbundled).length
  const faults = async () => {
    const found: AuditFault[] = []
    await verifyChains(connection().db, fault => found.push(fault))
    return found
  }

  /** Loses the connection a moment after the third batch, so that a batch is under way; for good unless it is mended. */
  const losing = (lose: () => void, mendedAfter?: number): RunControls => {
    let isLost = false
    return {
      patience: 1500,
      onProgress: run => {
        if (isLost || (run.counters.matched ?? 0) < 75) return
        isLost = true
        setTimeout(lose, Math.random() * 10)
        if (mendedAfter !== undefined) setTimeout(() => proxy.mend(), mendedAfter)
      },
    }
  }
  const kinds: Readonly<Record<string, (controls: RunControls) => Promise<RunEnding>>> = {
    update: async controls => apply(await plan(), controls),
    delete: async controls => apply(await planDelete(), controls),
    undo: async controls => undo((await apply(await plan())).run, controls),
  }
  const results: Readonly<Record<string, readonly object[]>> = { update: changed, delete: [], undo: first }

  test.each(Object.keys(kinds))('a connection lost for a moment during an %s is waited out', async kind => {
    const ending = await kinds[kind]!({ ...losing(() => proxy.cut(), 700), patience: 60_000 })
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE } })
    expect(await all()).toEqual(results[kind])
    expect(await entries(ending.operation)).toBe(SIZE)
    expect(await faults()).toEqual([])
  })

  test.each(Object.keys(kinds))('a connection lost for good ends an %s, which is resumed', async kind => {
    const lost = kinds[kind]!(losing(() => proxy.cut()))
    await expect(lost).rejects.toMatchObject({ code: 'NOT_CONNECTED', exit: 10 })
    proxy.mend()
    const [job] = await listJobs('default')
    const { run } = await findJob('default', job!.run._id)
    expect(run.counters.matched).toBeGreaterThanOrEqual(75)
    expect(run.counters.matched).toBeLessThan(SIZE)
    const ending = await resume('default', run._id, { onLocked: 'wait' })
    expect(ending).toMatchObject({ state: 'done', counters: { matched: SIZE } })
    expect(await all()).toEqual(results[kind])
    expect(await entries(ending.operation)).toBe(SIZE)
    expect(await faults()).toEqual([])
  })

  test('a connection that nobody says is lost is found out, and waited out', async () => {
    const ending = await kinds.update!({ ...losing(() => proxy.freeze(), 3000), patience: 30_000 })
    expect(ending).toMatchObject({ state: 'done', counters: { changed: SIZE } })
    expect(await all()).toEqual(changed)
    expect(await entries(ending.operation)).toBe(SIZE)
  })
})
