// Lists tests that the driver answers otherwise, that ask for more members, or for what is refused by name.
import type { SpecificationTest } from './specification.ts'

const IDS = 'the driver gives a document with an _id of null a new one'
const BYPASS = 'the driver leaves out bypassDocumentValidation: false'
const SECONDARY = 'needs a member that is not primary'

const DIFFERENCES: readonly (readonly [file: string, description: RegExp, reason: string])[] = [
  ['create-null-ids.json', /via (insertOne|insertMany|bulkWrite|clientBulkWrite)$/, IDS],
  ['transaction-options.json', /^readPreference inherited from client$/, SECONDARY],
  ['client-bulkWrite-partialResults.json', /^partialResult is unset/, 'the driver gives a partial result of zeros'],
  ['client-bulkWrite.json', /with writeConcern in a transaction/, 'the driver sends the write concern'],
  ['run-command.json', /secondary read preference in client option/, SECONDARY],
  ['bypassDocumentValidation.json', /(Aggregate|BulkWrite|FindOneAnd\w+|InsertMany) .*false$/, BYPASS],
]

/** Gives the reason why a test says nothing about the server. */
export function driverDifference(file: string, test: SpecificationTest): string | undefined {
  return DIFFERENCES.find(([name, description]) => name === file && description.test(test.description))?.[2]
}
