// Compares an error of the driver with the error that a unified test expects.
import { AssertionError } from 'node:assert'
import { MongoBulkWriteError, MongoClientBulkWriteError, MongoError, MongoServerError } from 'mongodb'
import { type KnownEntities, mismatch } from './matching.ts'
import type { ExpectedError } from './specification.ts'

/** Says how an error differs from what is expected; undefined when it matches. */
export function errorMismatch(error: unknown, expected: ExpectedError, entities: KnownEntities): string | undefined {
  if (error instanceof AssertionError || error instanceof TypeError || !(error instanceof Error))
    return `not an error of the driver: ${error}`
  return (
    wrongKind(error, expected) ??
    wrongCode(error, expected) ??
    wrongLabels(error, expected) ??
    wrongDetails(error, expected, entities)
  )
}

function wrongKind(error: Error, expected: ExpectedError): string | undefined {
  const fromServer = error instanceof MongoServerError && !isNetworkFailureOfBulk(error)
  if (expected.isClientError !== undefined && expected.isClientError === fromServer)
    return `is ${fromServer ? 'a server' : 'a client'} error: ${error.message}`
  const text = error.message.toLowerCase()
  const wanted = expected.errorContains?.toLowerCase()
  return wanted === undefined || text.includes(wanted)
    ? undefined
    : `says "${error.message}" instead of "${expected.errorContains}"`
}

/** A bulk write that loses its connection fails with a result, but on the side of the client. */
function isNetworkFailureOfBulk(error: Error): boolean {
  return (
    error instanceof MongoClientBulkWriteError &&
    error.cause instanceof Error &&
    !(error.cause instanceof MongoServerError)
  )
}

function wrongCode(error: Error, expected: ExpectedError): string | undefined {
  const { code, codeName, errorResponse } = serverErrorOf(error)
  if (expected.errorCode !== undefined && code !== expected.errorCode)
    return `has code ${code} instead of ${expected.errorCode}: ${error.message}`
  const named = codeName ?? errorResponse?.codeName
  if (expected.errorCodeName === undefined || named === expected.errorCodeName) return undefined
  return `has codeName ${named} instead of ${expected.errorCodeName}: ${error.message}`
}

/** A bulk write of a client keeps the error that ended it as its cause. */
function serverErrorOf(error: Error): Partial<MongoServerError> {
  const { cause } = error
  return (
    error instanceof MongoClientBulkWriteError && cause instanceof MongoServerError ? cause : error
  ) as MongoServerError
}

function wrongLabels(error: Error, expected: ExpectedError): string | undefined {
  const has = (label: string) =>
    [error, serverErrorOf(error)].some(one => one instanceof MongoError && one.hasErrorLabel(label))
  const missing = expected.errorLabelsContain?.find(label => !has(label))
  if (missing !== undefined) return `lacks the label ${missing}: ${error.message}`
  const extra = expected.errorLabelsOmit?.find(has)
  return extra === undefined ? undefined : `has the label ${extra}: ${error.message}`
}

function wrongDetails(error: Error, expected: ExpectedError, entities: KnownEntities): string | undefined {
  const { writeErrors, writeConcernErrors } = error as Partial<MongoClientBulkWriteError>
  const { errorResponse } = serverErrorOf(error)
  const checks: [unknown, unknown][] = [
    [resultOf(error), expected.expectResult],
    [errorResponse, expected.errorResponse],
    ...Object.entries(expected.writeErrors ?? {}).map(([i, wanted]): [unknown, unknown] => [
      writeErrors?.get(Number(i)),
      wanted,
    ]),
    [writeConcernErrors, expected.writeConcernErrors],
  ]
  for (const [actual, wanted] of checks) {
    const wrong = wanted === undefined ? undefined : mismatch(actual, wanted, entities)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function resultOf(error: Error): unknown {
  if (error instanceof MongoClientBulkWriteError) return withMapsAsDocuments(error.partialResult)
  return error instanceof MongoBulkWriteError ? error.result : undefined
}

/** The results of single operations are Maps in the driver, with a mark of its own on upserts. */
export function withMapsAsDocuments(result: object | undefined): unknown {
  if (result === undefined) return undefined
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [name, value instanceof Map ? singleResults(value) : value]),
  )
}

function singleResults(results: ReadonlyMap<number, object>): object {
  return Object.fromEntries(
    [...results].map(([i, { didUpsert: _, ...result }]: [number, { didUpsert?: boolean }]) => [i, result]),
  )
}
