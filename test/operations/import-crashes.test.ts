// Imports killed at random moments: after a resume all is as an undisturbed import leaves it, nothing lost or doubled.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { audit, connect, connection, disconnect, encrypted, model, setKeys, timestamps, version, z } from 'goose-odm'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startImport } from '../../src/operations/import.ts'
import type { ImportParameters } from '../../src/operations/import-parameters.ts'
import { findJob, listJobs } from '../../src/operations/jobs.ts'
import { resume } from '../../src/operations/resuming.ts'
import type { RunEnding } from '../../src/operations/run-steps.ts'
import { unbundled } from '../../src/runtime/audit-bundle.ts'
import { patience, rounds } from '../support/effort.ts'
import { programOf, runBeside } from '../support/other-process.ts'

const models = `
class Crate extends model('ImportCrate', { label: z.string(), weight: z.number(), seen: z.date().default(() => new Date()) },
  { indexes: [{ key: { label: 1 }, unique: true }] }) {}
class Parcel extends model('ImportParcel', { code: z.string(), to: encrypted(z.string()).optional(), weight: z.number().optional() },
  { plugins: [audit(), timestamps(), version()], indexes: [{ key: { code: 1 } }] }) {}
`
class Crate extends model(
  'ImportCrate',
  { label: z.string(), weight: z.number(), seen: z.date().default(() => new Date()) },
  { indexes: [{ key: { label: 1 }, unique: true }] },
) {}
class Parcel extends model(
  'ImportParcel',
  { code: z.string(), to: encrypted(z.string()).optional(), weight: z.number().optional() },
  { plugins: [audit(), timestamps(), version()], indexes: [{ key: { code: 1 } }] },
) {}

const SIZE = 240
const folder = mkdtempSync(join(tmpdir(), 'goose-import-crashes-'))
const uri = process.env.GOOSE_TEST_URI ?? `embedded:${join(folder, 'data')}`
const database = `goose_import_crashes_${process.pid}`
const rejects = join(folder, 'rejected.ndjson')
const key = Buffer.alloc(32, 7).toString('base64')
let program: string

beforeAll(async () => {
  setKeys([{ id: 'one', key }])
  program = await programOf(
    'import-crash',
    `
import { audit, connect, disconnect, encrypted, model, setKeys, timestamps, version, z } from './src/index.ts'
import { startImport } from './src/operations/import.ts'
${models}
const [database, name, parameters] = given
setKeys([{ id: 'one', key: '${key}' }])
await connect(path, { database })
let batches = 0
const onProgress = () => console.log('batch ' + batches++)
await startImport((name === 'Crate' ? Crate : Parcel).definition, JSON.parse(parameters),
  { asked: { limits: { batch: 20 } }, controls: { onProgress }, onReject() {} })
console.log('done')
await disconnect()
`,
  )
  await connect(uri, { database })
})
beforeEach(clear)
afterAll(async () => {
  await connection().db.dropDatabase()
  await disconnect()
  rmSync(folder, { recursive: true, force: true })
}, 150_000) // a server keeps the transaction of a killed client open for a minute

async function clear(): Promise<void> {
  for (const name of ['importcrates', 'importparcels', '_goose_runs', '_audit_log', '_goose_locks'])
    await connection().db.collection(name).deleteMany({})
  for (const one of [Crate, Parcel]) await one.syncIndexes()
}

const every = (document: (n: number) => unknown) =>
  Array.from({ length: SIZE }, (_, n) => {
    const one = document(n)
    return `${typeof one === 'string' ? one : JSON.stringify(one)}\n`
  }).join('')

function parameters(name: string, content: string, more: Partial<ImportParameters>): ImportParameters {
  const path = join(folder, name)
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content)
  const plain = { path, format: 'ndjson', mode: 'insert', key: ['_id'], validates: true, fillsDefaults: false } as const
  return { ...plain, onError: 'stop', rejects: null, parallel: 1, ...more }
}

interface Import {
  readonly of: 'Crate' | 'Parcel'
  readonly rounds: number
  readonly parameters: () => ImportParameters
  /** What is there before. */
  readonly before?: () => Promise<unknown>
}

const parcels = async () => {
  await Parcel.insertMany(
    Array.from({ length: SIZE / 2 }, (_, n) => ({ code: `P${n * 2}`, to: `old ${n}`, weight: n })),
  )
  await connection().db.collection('_audit_log').deleteMany({})
}

const imports: Readonly<Record<string, Import>> = {
  'a packed file with refused documents, its defaults filled in': {
    of: 'Crate',
    rounds: 3,
    parameters: () =>
      parameters(
        'crates.ndjson.gz',
        every(n => (n % 50 === 7 ? 'nonsense' : { label: `C${n % 60 === 9 ? n - 5 : n}`, weight: n })),
        { onError: 'skip', rejects, fillsDefaults: true, parallel: 2 },
      ),
  },
  'audited and encrypted documents': {
    of: 'Parcel',
    rounds: 3,
    parameters: () =>
      parameters(
        'parcels.ndjson',
        every(n => ({ code: `P${n}`, to: `place ${n}`, weight: n })),
        {},
      ),
  },
  'a merge by another key that counts versions': {
    of: 'Parcel',
    rounds: 1,
    before: parcels,
    parameters: () =>
      parameters(
        'merge.ndjson',
        every(n => ({ code: `P${n}`, to: `new ${n}` })),
        { mode: 'merge', key: ['code'] },
      ),
  },
  'a delete by key': {
    of: 'Parcel',
    rounds: 1,
    before: parcels,
    parameters: () =>
      parameters(
        'gone.ndjson',
        every(n => ({ code: `P${n}` })),
        { mode: 'delete', key: ['code'] },
      ),
  },
}

/** What an import has left, without what differs each time: made ids, times, who and when. */
async function left(ending: RunEnding) {
  const crates = await Crate.find().sort('label').all()
  const stored = await Parcel.find().sort('code').all()
  const codes = new Map(stored.map(({ _id, code }) => [String(_id), code]))
  const entries = (await connection().db.collection('_audit_log').find().toArray())
    .filter(({ op, operation }) => op === ending.operation && operation !== 'batch')
    .flatMap(unbundled)
  return {
    counters: ending.counters,
    crates: crates.map(({ label, weight }) => ({ label, weight })),
    parcels: (stored as unknown as readonly Document[]).map(({ code, to, weight, _v }) => ({ code, to, weight, _v })),
    audited: entries
      .map(({ operation, documentId, changes }) =>
        [operation, codes.get(String(documentId)) ?? changes.code?.from, Object.keys(changes).sort()].join(' '),
      )
      .sort(),
    rejected: ending.counters.failed ? [readFileSync(rejects, 'utf8'), readFileSync(`${rejects}.reasons`, 'utf8')] : [],
  }
}

/** Imports beside, kills that after some batches, and gives the run it left. */
async function killed({ of, parameters }: Import): Promise<string> {
  const beside = runBeside(program, [uri, database, of, JSON.stringify(parameters())])
  await beside.line(`batch ${1 + Math.floor(Math.random() * (SIZE / 60))}`)
  await new Promise(resolve => setTimeout(resolve, Math.random() * 15))
  beside.kill()
  await beside.ended
  const [job] = await listJobs('default')
  return job!.run._id
}

async function undisturbed(one: Import) {
  const asked = { asked: { limits: { batch: 20 } }, controls: {}, onReject: () => {} }
  const definition = one.of === 'Crate' ? Crate.definition : Parcel.definition
  await one.before?.()
  const whole = await left(await startImport(definition, one.parameters(), asked))
  expect(whole.counters.matched).toBe(SIZE)
  await clear()
  return whole
}

// A server keeps the transaction of a killed client open for a minute: few rounds are asked of it.
const isServer = process.env.GOOSE_TEST_URI !== undefined
const asked = Object.entries(imports).filter(([, one]) => !isServer || one.rounds > 1)

describe.each(asked)('%s', (_, one) => {
  let wanted: Awaited<ReturnType<typeof undisturbed>> | undefined
  for (let round = 1; round <= rounds(isServer ? 1 : one.rounds, 50); round++) {
    test(`killed in the middle, is whole after a resume (${round})`, { timeout: patience(180_000) }, async () => {
      wanted ??= await undisturbed(one)
      await one.before?.()
      const run = await killed(one)
      if ((await findJob('default', run)).state === 'done') return
      expect(await left(await resume('default', run))).toEqual(wanted)
    })
  }
})
