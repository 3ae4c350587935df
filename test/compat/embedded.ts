// The embedded database for tests that also ask another server.
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'

/** An embedded database even where the other tests run on a server. */
export function useEmbedded() {
  let embedded: Embedded
  let client: MongoClient
  beforeAll(async () => {
    embedded = await startEmbedded({ durable: false })
    client = await MongoClient.connect(embedded.uri)
  })
  afterAll(async () => {
    await client.close()
    await embedded.close()
  })
  return {
    get db() {
      return client.db('compat')
    },
  }
}
