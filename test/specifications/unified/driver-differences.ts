// Lists tests that the official driver, not the server, answers otherwise, and the ones that ask for more members.
import type { SpecificationTest } from './specification.ts'

const IDS = 'the driver gives a document with an _id of null a new one'
const BYPASS = 'the driver leaves out bypassDocumentValidation: false'
const SECONDARY = 'needs a member that is not primary'

const DIFFERENCES: readonly (readonly [file: string, description: RegExp, reason: string])[] = [
  ['create-null-ids.json', /via (insertOne|insertMany|bulkWrite|clientBulkWrite)$/, IDS],
  ['transaction-options.json', /^readPreference inherited from client$/, SECONDARY],
  ['bypassDocumentValidation.json', /(Aggregate|BulkWrite|FindOneAnd\w+|InsertMany) .*false$/, BYPASS],
]

/** Gives the reason why a test says nothing about the server. */
export function driverDifference(file: string, test: SpecificationTest): string | undefined {
  return DIFFERENCES.find(([name, description]) => name === file && description.test(test.description))?.[2]
}
