// Archives and restores that are killed or lose the connection: each document is in one place, and none is lost or doubled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit, connect, connection, disconnect, model, z } from 'goose-odm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'
import { emptyPlan } from '../../src/models/plan.ts'
import { archive } from '../../src/operations/archive.ts'
import { verifyArchive } from '../../src/operations/archive-book.ts'
import { restoreArchive } from '../../src/operations/archive-restore.ts'
import { findJob, listJobs } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import type { RunControls } from '../../src/operations/run-steps.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { patience, rounds } from '../support/effort.ts'
import { programOf, runBeside } from '../support/other-process.ts'
import { openProxy, type TcpProxy } from '../support/tcp-proxy.ts'

class Leaf extends model('CrashLeaf', { _id: z.int(), n: z.int() }, { plugins: [audit()] }) {}

const SIZE = 240
const folder = mkdtempSync(join(tmpdir(), 'goose-archive-crashes-'))
const database = `goose_archive_crashes_${process.pid}`
const leaves = Array.from({ length: SIZE }, (_, n) => ({ _id: n, n: n * 7 }))
const all = { definition: Leaf.definition, plan: emptyPlan, all: true } as const
const raw = (name: string) => connection().db.collection(name)
const bytes = async (name: string) =>
  ((await raw(name).find({}, { raw: true }).sort({ _id: 1 }).toArray()) as unknown as Buffer[]).map(one =>
    Buffer.from(one).toString('base64'),
  )
let before: readonly string[]

async function fill(): Promise<void> {
  for (const name of [
    'crashleafs',
    'crashleafs_archive',
    '_goose_runs',
    '_goose_archives',
    '_goose_locks',
    '_audit_log',
  ])
    await raw(name).deleteMany({})
  await raw('crashleafs').insertMany(leaves as never)
  before = await bytes('crashleafs')
}

async function audited(op: string, operation: string): Promise<number> {
  const found = (await raw('_audit_log').find().toArray()).filter(
    entry => entry.op === op && entry.operation !== 'batch',
  )
  const ids = found.flatMap(unbundled).filter(entry => entry.operation === operation)
  expect(new Set(ids.map(({ documentId }) => String(documentId))).size).toBe(ids.length)
  return ids.length
}

describe('killed in the middle', () => {
  const uri = process.env.GOOSE_TEST_URI ?? `embedded:${join(folder, 'data')}`
  let program: string

  beforeAll(async () => {
    program = await programOf(
      'archive-crash',
      `
import { audit, connect, disconnect, model, z } from './src/index.ts'
import { archive } from './src/operations/archive.ts'
import { restoreArchive } from './src/operations/archive-restore.ts'
import { emptyPlan } from './src/models/plan.ts'
class Leaf extends model('CrashLeaf', { _id: z.int(), n: z.int() }, { plugins: [audit()] }) {}
const [database, to, run] = given
const { definition } = Leaf
await connect(path, { database })
let batches = 0
const onProgress = () => console.log('batch ' + batches++)
if (run) await restoreArchive({ definition, run }, { limits: { batch: 20 } }, { onProgress })
else await archive({ definition, plan: emptyPlan, all: true, to }, { limits: { batch: 20 } }, { onProgress })
console.log('done')
await disconnect()
`,
    )
    await connect(uri, { database })
  })
  beforeEach(fill)
  afterAll(async () => {
    await connection().db.dropDatabase()
    await disconnect()
    rmSync(folder, { recursive: true, force: true })
  }, 150_000) // a server keeps the transaction of a killed client open for a minute

  /** Archives or restores beside, kills that after some batches, and gives the run it left. */
  async function killed(to: string, run = ''): Promise<string> {
    const beside = runBeside(program, [uri, database, to, run])
    await beside.line(`batch ${1 + Math.floor(Math.random() * 9)}`)
    await new Promise(resolve => setTimeout(resolve, Math.random() * 15))
    beside.kill()
    await beside.ended
    const jobs = await listJobs('default')
    return jobs.find(job => (run ? job.run.kind === 'archive restore' : job.run.kind === 'archive'))!.run._id
  }

  async function finished(run: string): Promise<string> {
    const { state } = await findJob('default', run)
    if (state !== 'done') expect(await resume('default', run)).toMatchObject({ isComplete: true })
    return (await findJob('default', run)).run.op
  }

  // A server keeps the transaction of a killed client open for a minute: one round is asked of it.
  for (let round = 1; round <= rounds(process.env.GOOSE_TEST_URI ? 1 : 3, 50); round++) {
    test(`an archive and its restore are whole after a resume (${round})`, { timeout: patience(240_000) }, async () => {
      const ending = ['', '.bson.gz', '.ejson.gz'][round % 3]
      const to = ending ? `file:${join(folder, `${round}${ending}`)}` : 'coll:crashleafs_archive'
      const run = await killed(to)
      expect(await audited(await finished(run), 'delete')).toBe(SIZE)
      expect(await raw('crashleafs').countDocuments()).toBe(0)
      expect(await verifyArchive(Leaf.definition, run)).toEqual({ documents: SIZE, counted: 0, faults: [] })
      if (!ending) expect(await bytes('crashleafs_archive')).toEqual(before)
      expect(await audited(await finished(await killed(to, run)), 'restore')).toBe(SIZE)
      expect(await bytes('crashleafs')).toEqual(before)
      expect(await raw('crashleafs_archive').countDocuments()).toBe(0)
    })
  }
})

describe('with the connection lost', () => {
  let server: Embedded | undefined
  let proxy: TcpProxy

  beforeAll(async () => {
    const target = process.env.GOOSE_TEST_URI
    server = target ? undefined : await startEmbedded({ port: 0, durable: false })
    proxy = await openProxy(target ?? server!.uri)
    // What is lost is found out soon, and a lost server is not looked for long.
    const driver = { heartbeatFrequencyMS: 500, connectTimeoutMS: 500 }
    await connect(proxy.uri, { database, timeout: 1200, driver })
  })
  beforeEach(fill)
  afterAll(async () => {
    await connection().db.dropDatabase()
    await disconnect()
    await proxy.close()
    await server?.close()
  })

  /** Loses the connection a moment after the third batch; for good unless it is mended. */
  const losing = (mendedAfter?: number): RunControls => {
    let isLost = false
    return {
      patience: 1500,
      onProgress: run => {
        if (isLost || (run.counters.matched ?? 0) < 60) return
        isLost = true
        setTimeout(() => proxy.cut(), Math.random() * 10)
        if (mendedAfter !== undefined) setTimeout(() => proxy.mend(), mendedAfter)
      },
    }
  }
  const slowly = { limits: { batch: 20 } }

  test('for a moment, an archive and a restore wait and go on', { timeout: 60_000 }, async () => {
    const ending = await archive(all, slowly, losing(700))
    expect(ending).toMatchObject({ isComplete: true })
    expect(await raw('crashleafs').countDocuments()).toBe(0)
    expect(await bytes('crashleafs_archive')).toEqual(before)
    expect(await audited(ending.operation, 'delete')).toBe(SIZE)
    await restoreArchive({ definition: Leaf.definition, run: ending.run }, slowly, losing(700))
    expect(await bytes('crashleafs')).toEqual(before)
  })

  test('for longer than they wait, they end with their checkpoint and can be resumed', {
    timeout: 60_000,
  }, async () => {
    await expect(archive(all, slowly, losing())).rejects.toMatchObject({ exit: 10 })
    proxy.mend()
    const [job] = await listJobs('default')
    expect(Number(job?.run.counters.matched)).toBeGreaterThanOrEqual(60)
    // Whoever could not say goodbye holds the lock until its lease is over, or its process is.
    await raw('_goose_locks').deleteMany({})
    expect(await resume('default', job!.run._id)).toMatchObject({ isComplete: true })
    expect(await raw('crashleafs').countDocuments()).toBe(0)
    expect(await bytes('crashleafs_archive')).toEqual(before)
  })
})
