// Asks the embedded database and a MongoDB server random questions about random documents of all types.
import { BSON, type Db, MongoServerError } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'
import { patience, rounds } from '../support/effort.ts'
import { type Random, randomFrom } from '../support/random-values.ts'
import { useEmbedded } from './embedded.ts'
import { type Plain, randomDocuments, randomFilter } from './random-documents.ts'
import { randomProjection } from './random-projections.ts'

const reference = process.env.GOOSE_TEST_URI
const ROUNDS = rounds(5, 400)
const QUESTIONS = 40

test.skipIf(reference !== undefined)('random questions to two servers: GOOSE_TEST_URI names none', context => {
  context.skip()
})

describe.skipIf(reference === undefined)('random questions', () => {
  const server = useDatabase()
  const embedded = useEmbedded()

  test.each([
    ['filters find the same documents', (random: Random) => ({ filter: randomFilter(random), projection: { _id: 1 } })],
    ['projections show the same parts', (random: Random) => ({ projection: randomProjection(random) })],
  ])('%s', { timeout: patience(300_000) }, async (_, question) => {
    const different: string[] = []
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = randomFrom(seed)
      const documents = randomDocuments(random, 20)
      const databases = [embedded.db, server.db]
      await Promise.all(databases.map(db => filled(db, documents)))
      for (let number = 0; number < QUESTIONS; number++) {
        const command = { find: 'c', sort: { _id: 1 }, ...question(random) }
        const [ours, theirs] = await Promise.all(databases.map(db => answered(db, command)))
        if (ours !== theirs) different.push(`seed ${seed}: ${text(command)}\n  ours ${ours}\n  theirs ${theirs}`)
      }
    }
    expect(different.join('\n')).toBe('')
  })
})

async function filled(db: Db, documents: readonly Plain[]): Promise<void> {
  await db.command({ drop: 'c' }).catch(() => undefined)
  await db.command({ insert: 'c', documents })
}

async function answered(db: Db, command: Plain): Promise<string> {
  try {
    const reply = await db.command(command, { promoteValues: false, bsonRegExp: true })
    return text((reply as unknown as { cursor: { firstBatch: unknown } }).cursor.firstBatch)
  } catch (error) {
    if (error instanceof MongoServerError) return `error ${error.code}`
    throw error
  }
}

function text(value: unknown): string {
  return BSON.EJSON.stringify(value, { relaxed: false })
}
