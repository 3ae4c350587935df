// Asks the embedded server the unified tests of MongoDB's specifications, through the official driver.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'
import { driverDifference } from './unified/driver-differences.ts'
import { type Abilities, abilitiesOf, skipReason } from './unified/requirements.ts'
import { Results } from './unified/results.ts'
import { specificationsIn } from './unified/specification.ts'
import { runTest } from './unified/test-run.ts'

const ROOT = resolve(import.meta.dirname, '../../../shared/mongodb-specifications')
const FOLDERS = ['crud', 'transactions', 'transactions-convenient-api', 'collection-management', 'index-management']

describe.skipIf(!existsSync(ROOT))(
  'the specifications (skipped where ../shared/mongodb-specifications is absent)',
  () => {
    const results = new Results()
    let server: Embedded | undefined
    let uri: string
    let client: MongoClient
    let abilities: Abilities

    beforeAll(async () => {
      if (process.env.GOOSE_TEST_URI === undefined) server = await startEmbedded({ durable: false, failPoints: true })
      uri = process.env.GOOSE_TEST_URI ?? server!.uri
      client = await new MongoClient(uri).connect()
      abilities = await abilitiesOf(client)
    })

    afterAll(async () => {
      await client?.close()
      await server?.close()
      process.stdout.write(results.table())
    })

    describe.each(FOLDERS)('%s', folder => {
      const path = join(ROOT, folder)
      for (const [file, specification] of existsSync(path) ? specificationsIn(path) : []) {
        for (const one of specification.tests) {
          test(`${file}: ${one.description}`, async context => {
            const reason = driverDifference(file, one) ?? skipReason(one, specification, abilities)
            if (reason !== undefined) {
              results.skip(folder, reason)
              return context.skip(reason)
            }
            await results.count(folder, () => runTest(one, specification, { uri, client }))
          })
        }
      }
    })
  },
)
