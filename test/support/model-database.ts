// Gives model tests a database of their own: GOOSE_TEST_URI, or the embedded database in memory.
import { connect, connection, disconnect } from 'goose-odm'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/** Connects before the tests of a file and empties the database before each. */
export function useModelDatabase(name: string): void {
  const database = `goose_test_${name}_${process.pid}`
  beforeAll(async () => {
    await connect(process.env.GOOSE_TEST_URI ?? 'embedded::memory:', { database, timeout: 5000 })
  })
  beforeEach(async () => {
    for (const { name: collection } of await connection().db.listCollections().toArray()) {
      await connection().db.collection(collection).deleteMany({})
    }
  })
  afterAll(async () => {
    await connection().db.dropDatabase()
    await disconnect()
  })
}
