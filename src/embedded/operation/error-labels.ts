// Says which labels an error gets, by which clients decide to try a write or a transaction again.
import type { Request } from './request.ts'

/** Conflicts and the like: the whole transaction may be tried again. */
const TRANSIENT = new Set([24, 112, 246, 251, 267])
/** The server goes away or is not the one to ask: the same write may be tried again. */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])

/** Gives the labels of an error with which a command ends. */
export function labelsOf(code: number, { name, body }: Request): string[] {
  const ends = name === 'commitTransaction' || name === 'abortTransaction'
  const inTransaction = body.get('autocommit') === false
  const labels: string[] = []
  if (inTransaction && (TRANSIENT.has(code) || (!ends && RETRYABLE.has(code)))) labels.push('TransientTransactionError')
  if ((ends || (!inTransaction && body.has('txnNumber'))) && RETRYABLE.has(code)) labels.push('RetryableWriteError')
  return labels
}
