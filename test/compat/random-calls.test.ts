// Runs random pipelines and random updates on the embedded database and on a MongoDB server.
import { BSON, type Db, MongoServerError } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'
import { patience, rounds } from '../support/effort.ts'
import { randomFrom } from '../support/random-values.ts'
import { useEmbedded } from './embedded.ts'
import type { Plain } from './random-documents.ts'
import { randomRows } from './random-expressions.ts'
import { randomPipeline } from './random-pipelines.ts'
import { documentsToUpdate, randomUpdate, type Statement } from './random-updates.ts'

const reference = process.env.GOOSE_TEST_URI
const ROUNDS = rounds(6, 150)
const CALLS = 40
const DOCUMENTS = 12
/** One server alone may refuse to compute what no result needs, or what an operator need not look at. */
const MOST_REFUSALS = 0.01

test.skipIf(reference !== undefined)('random calls to two servers: GOOSE_TEST_URI names none', context => {
  context.skip()
})

describe.skipIf(reference === undefined)('random calls', () => {
  const server = useDatabase()
  const embedded = useEmbedded()

  test('pipelines give the same documents', { timeout: patience(300_000) }, async () => {
    const different: string[] = []
    let refusals = 0
    const databases = [embedded.db, server.db] as const
    await filled(databases, 'other', randomRows(randomFrom(0), 8))
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomFrom(seed)
      await filled(databases, 'rows', randomRows(random, DOCUMENTS))
      for (let call = 0; call < CALLS; call++) {
        const pipeline = randomPipeline(random)
        const [ours, theirs] = await Promise.all(databases.map(db => aggregated(db, pipeline)))
        if (ours === theirs) continue
        if (ours === 'refused' || theirs === 'refused') refusals++
        else different.push(`seed ${seed}: ${text(pipeline)}\n  ours   ${ours}\n  theirs ${theirs}`)
      }
    }
    expect(different.join('\n')).toBe('')
    expect(refusals / (ROUNDS * CALLS)).toBeLessThan(MOST_REFUSALS)
  })

  test('updates leave the same documents', { timeout: patience(300_000) }, async () => {
    const different: string[] = []
    const databases = [embedded.db, server.db] as const
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomFrom(seed)
      const documents = documentsToUpdate(random, DOCUMENTS)
      await filled(databases, 'changing', documents)
      for (let call = 0; call < CALLS; call++) {
        const statement = randomUpdate(random, DOCUMENTS)
        const before = await stored(embedded.db, statement)
        const [ours, theirs] = await Promise.all(databases.map(db => updated(db, statement)))
        if (ours === theirs) continue
        different.push(`seed ${seed}: ${text(statement)}\n  before ${before}\n  ours   ${ours}\n  theirs ${theirs}`)
        await filled(databases, 'changing', documents)
      }
    }
    expect(different.join('\n')).toBe('')
  })
})

async function filled(databases: readonly Db[], name: string, documents: readonly Plain[]): Promise<void> {
  await Promise.all(
    databases.map(async db => {
      await db.command({ drop: name }).catch(() => undefined)
      await db.command({ insert: name, documents })
    }),
  )
}

/** The codes of refusals are compared by the tables; here two mistakes may meet. */
async function answered(ask: () => Promise<string>): Promise<string> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof MongoServerError) return 'refused'
    throw error
  }
}

/** Documents in any order, as text: no pipeline of these ends with one. */
async function aggregated(db: Db, pipeline: readonly Plain[]): Promise<string> {
  return answered(async () => {
    const reply = await db.command({ aggregate: 'rows', pipeline, cursor: { batchSize: 10_000 } }, RAW)
    const rows = pipeline.some(stage => '$fill' in stage) ? batchOf(reply).map(sorted) : batchOf(reply)
    return rows.map(text).sort().join('\n         ')
  })
}

async function updated(db: Db, statement: Statement): Promise<string> {
  const reply = await answered(async () => {
    const { n, nModified, writeErrors } = await db.command({ update: 'changing', updates: [statement] }, RAW)
    const [error] = (writeErrors ?? []) as { readonly code: unknown }[]
    return error ? 'refused' : `${n}/${nModified}`
  })
  return `${reply} ${await stored(db, statement)}`
}

async function stored(db: Db, { q }: Statement): Promise<string> {
  return text(batchOf(await db.command({ find: 'changing', filter: { _id: q._id } }, RAW)))
}

const RAW = { promoteValues: false, bsonRegExp: true } as const

function batchOf(reply: object): readonly unknown[] {
  return (reply as { readonly cursor: { readonly firstBatch: readonly unknown[] } }).cursor.firstBatch
}

/** Where $fill puts a field that was not there depends on the server: after those before it, or at the end. */
function sorted(row: unknown): unknown {
  return Object.fromEntries(Object.entries(row as object).sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Decimals count by value: how many zeros they end with depends on the server. */
function text(value: unknown): string {
  return BSON.EJSON.stringify(value, { relaxed: false }).replace(
    /("\$numberDecimal":"-?\d+)\.(\d*?)0*"/g,
    (_, whole: string, fraction: string) => `${whole}${fraction && `.${fraction}`}"`,
  )
}
