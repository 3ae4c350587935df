// Tests a data folder that several processes use at once, and processes that are killed while they write.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startEmbedded } from '../../src/embedded/index.ts'
import { patience, rounds } from '../support/effort.ts'
import { programOf, runBeside } from '../support/other-process.ts'
import { type Row as Kept, type Rows, rowsAfter } from '../support/random-history.ts'

let path: string

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'goose-processes-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

interface Row {
  readonly _id: string | number
  readonly count?: number
}

async function inFolder<Result>(work: (client: MongoClient) => Promise<Result>): Promise<Result> {
  const server = await startEmbedded({ path })
  const client = await MongoClient.connect(server.uri)
  try {
    return await work(client)
  } finally {
    await client.close()
    await server.close()
  }
}

const COUNTING = `
const server = await startEmbedded({ path })
const client = await MongoClient.connect(server.uri)
const rows = client.db('shared').collection<{ _id: string | number, count?: number }>('rows')
for (let round = 0; round < 40; round++) {
  const batch = Array.from({ length: 10 }, (_, i) => ({ _id: given[0] + '-' + round + '-' + i }))
  await Promise.all([
    ...batch.map(row => rows.insertOne(row)),
    ...batch.map(() => rows.updateOne({ _id: 0 }, { $inc: { count: 1 } }, { upsert: true })),
  ])
}
await client.close()
await server.close()
`

test(
  'four processes that write one folder at once lose nothing',
  async () => {
    const program = await programOf('counting', COUNTING)
    const ends = ['first', 'second', 'third', 'fourth'].map(name => runBeside(program, [path, name]).ended)
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0])
    await inFolder(async client => {
      const rows = client.db('shared').collection<Row>('rows')
      expect(await rows.countDocuments({ _id: /-/ as never })).toBe(1600)
      expect(await rows.findOne({ _id: 0 })).toEqual({ _id: 0, count: 1600 })
      expect(await client.db('shared').command({ validate: 'rows' })).toMatchObject({ valid: true, nrecords: 1601 })
    })
  },
  patience(90_000),
)

const ENDLESS = `
const server = await startEmbedded({ path })
const client = await MongoClient.connect(server.uri)
const rows = client.db('shared').collection<{ _id: number, even: boolean, text: string }>('rows')
await rows.createIndex({ even: 1, text: 1 })
const first = Number(given[0])
const write = async (start: number) => {
  for (let _id = start; ; _id += 8) {
    await rows.insertOne({ _id, even: _id % 2 === 0, text: 'x'.repeat(_id % 500) })
    process.stdout.write(_id + '\\n')
    if (_id % 5 === 0) await rows.updateOne({ _id }, { $set: { text: 'changed' } })
  }
}
await Promise.all(Array.from({ length: 8 }, (_, i) => write(first + i)))
`

describe('a process that is killed in the middle of its writes', () => {
  test(
    'loses nothing it had acknowledged, and leaves sound indexes',
    async () => {
      const program = await programOf('endless', ENDLESS)
      const acknowledged: number[] = []
      for (let round = 0; round < rounds(3, 50); round++) {
        const child = runBeside(program, [path, String((round + 1) * 1_000_000)])
        await child.line(String((round + 1) * 1_000_000))
        await new Promise(resolve => setTimeout(resolve, 30 + Math.random() * 300))
        child.kill()
        await child.ended
        acknowledged.push(...child.lines.filter(line => /^\d{7,8}$/.test(line)).map(Number))
      }
      await inFolder(async client => {
        const rows = client.db('shared').collection<{ _id: number }>('rows')
        const found = new Set((await rows.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id))
        expect(acknowledged.length).toBeGreaterThan(20)
        expect(acknowledged.filter(id => !found.has(id))).toEqual([])
        expect(await client.db('shared').command({ validate: 'rows' })).toMatchObject({ valid: true, errors: [] })
      })
    },
    patience(90_000),
  )
})

const MIXED = `
import { historyOf } from './test/support/random-history.ts'
const server = await startEmbedded({ path })
const client = await MongoClient.connect(server.uri)
const db = client.db('mixed')
const work = async (worker: number) => {
  const seed = Number(given[0]) * 10 + worker
  const rows = db.collection<{ _id: number, n: number }>('seed' + seed)
  let done = 0
  for (const step of historyOf(seed)) {
    await step.ask({ client, db, rows })
    process.stdout.write(seed + ' ' + ++done + '\\n')
  }
}
await Promise.all([0, 1, 2, 3].map(work))
`

describe('random histories of transactions, indexes and drops', () => {
  test(
    'stand as far as they were acknowledged when their process is killed',
    async () => {
      const program = await programOf('mixed', MIXED)
      const acknowledged = new Map<number, number>()
      for (let round = 0; round < rounds(3, 50); round++) {
        const child = runBeside(program, [path, String(round)])
        await child.line(`${round * 10} 1`)
        await new Promise(resolve => setTimeout(resolve, 30 + Math.random() * 300))
        child.kill()
        await child.ended
        for (const line of child.lines.filter(one => /^\d+ \d+$/.test(one))) {
          const [seed, count] = line.split(' ').map(Number)
          acknowledged.set(seed!, count!)
        }
      }
      await inFolder(async client => {
        const db = client.db('mixed')
        for (const [seed, count] of acknowledged) {
          const name = `seed${seed}`
          const found = await db.collection<Kept>(name).find().sort({ _id: 1 }).toArray()
          const possible = [count, count + 1].map(steps => sortedRows(rowsAfter(seed, steps)))
          expect(possible, `${name} after ${count} steps`).toContainEqual(found)
          if ((await db.listCollections({ name }).toArray()).length > 0)
            expect(await db.command({ validate: name })).toMatchObject({ valid: true, nrecords: found.length })
        }
        expect(Math.max(...acknowledged.values())).toBeGreaterThan(5)
      })
    },
    patience(90_000),
  )
})

function sortedRows(rows: Rows): Kept[] {
  return [...rows].sort(([a], [b]) => a - b).map(([_id, n]) => ({ _id, n }))
}

const ONE_UPDATE = `
const server = await startEmbedded({ path })
const client = await MongoClient.connect(server.uri)
await client.db('shared').collection<{ _id: number }>('rows').updateOne({ _id: 1 }, { $set: { by: given[0] } }, { upsert: true })
await client.close()
await server.close()
`

describe('a transaction', () => {
  test('that wrote what another process wrote meanwhile is told to try again', async () => {
    const program = await programOf('one-update', ONE_UPDATE)
    await inFolder(async client => {
      const rows = client.db('shared').collection<{ _id: number; by?: string }>('rows')
      await rows.insertOne({ _id: 1, by: 'nobody' })
      const session = client.startSession()
      session.startTransaction()
      await rows.updateOne({ _id: 1 }, { $set: { by: 'the transaction' } }, { session })
      expect(await runBeside(program, [path, 'the other']).ended).toBe(0)
      const failure = await session.commitTransaction().catch(error => error)
      expect(failure).toMatchObject({ code: 112, codeName: 'WriteConflict' })
      expect(failure.hasErrorLabel('TransientTransactionError')).toBe(true)
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, by: 'the other' })
      await session.endSession()
    })
  })

  test('of which another process inserted the same key is told so, too', async () => {
    const program = await programOf('one-update', ONE_UPDATE)
    await inFolder(async client => {
      const rows = client.db('shared').collection<{ _id: number; by?: string }>('rows')
      await rows.insertOne({ _id: 0 })
      const session = client.startSession()
      session.startTransaction()
      await rows.insertOne({ _id: 1, by: 'the transaction' }, { session })
      expect(await runBeside(program, [path, 'the other']).ended).toBe(0)
      await expect(session.commitTransaction()).rejects.toMatchObject({ code: 112 })
      await session.endSession()
    })
  })
})

const WAITING = `
await startEmbedded({ path })
process.stdout.write('open\\n')
`

describe.skipIf(process.platform === 'win32')('a folder whose other process does not answer', () => {
  test('is opened as soon as it does, and the waiting is said', async () => {
    const child = runBeside(await programOf('waiting', WAITING), [path])
    await child.line('open')
    child.kill('SIGSTOP')
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const opening = startEmbedded({ path })
    await vi.waitFor(() => expect(warned).toHaveBeenCalled(), { timeout: 10_000 })
    expect(String(warned.mock.calls[0]![0])).toContain(`waiting for process ${child.pid}`)
    warned.mockRestore()
    child.kill('SIGCONT')
    await (await opening).close()
    child.kill()
    await child.ended
  })

  test('is opened at once when it was killed', async () => {
    const child = runBeside(await programOf('waiting', WAITING), [path])
    await child.line('open')
    child.kill()
    await child.ended
    await (await startEmbedded({ path })).close()
  })
})
