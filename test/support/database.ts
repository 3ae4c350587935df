// Gives a test file a database of its own: on the server of GOOSE_TEST_URI, or on an embedded one started for the file.
import { randomBytes } from 'node:crypto'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/embedded/index.ts'

/** What a test file works with; all of it is there once the file's tests run. */
export interface TestDatabase {
  readonly uri: string
  readonly name: string
  readonly client: MongoClient
  readonly db: Db
  readonly isEmbedded: boolean
}

/** Starts a database before the tests of a file, and drops and closes it after them. */
export function useDatabase(options: EmbeddedOptions = {}): TestDatabase {
  const name = `goose_test_${randomBytes(6).toString('hex')}`
  const server = process.env.GOOSE_TEST_URI
  let embedded: Embedded | undefined
  let client: MongoClient | undefined
  let uri = ''
  beforeAll(async () => {
    embedded = server === undefined ? await startEmbedded({ durable: false, ...options }) : undefined
    uri = server ?? embedded!.uri
    client = await MongoClient.connect(uri)
  })
  afterAll(async () => {
    await client?.db(name).dropDatabase()
    await client?.close()
    await embedded?.close()
  })
  return {
    name,
    isEmbedded: server === undefined,
    get uri() {
      return uri
    },
    get client() {
      return client!
    },
    get db() {
      return client!.db(name)
    },
  }
}
