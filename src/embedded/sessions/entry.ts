// Finds the session and the transaction a command belongs to, and answers retried writes from memory.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Request } from '../operation/request.ts'
import type { Command, Room } from '../operation/room.ts'
import { integerOf } from '../values/numbers.ts'
import type { Session } from './sessions.ts'
import { noSuchTransaction, Transaction } from './transactions.ts'

export interface Entered {
  readonly session: Session | undefined
  readonly transaction: Transaction | undefined
  /** the answer that was given before to the same write */
  readonly answered?: Promise<Buffer>
  /** takes the answer to give when the write is retried */
  readonly remember?: (reply: Promise<Buffer>) => void
}

export function enterSession(request: Request, command: Command, room: Room): Entered {
  const { body } = request
  const number = numberOf(body)
  const session = sessionOf(body, number, room)
  if (number === undefined || session === undefined) return { session, transaction: undefined }
  if (room.standalone)
    throw new CommandError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos')
  if (number < session.number) throw tooOld(session, number)
  if (body.get('autocommit') === false) return enterTransaction(request, command, { room, session, number })
  return command.retryable ? enterRetryable(session, number) : { session, transaction: undefined }
}

function sessionOf(body: Document, number: bigint | undefined, room: Room): Session | undefined {
  const lsid = body.get('lsid')
  if (lsid instanceof Map) return room.sessions.use(lsid)
  if (number !== undefined)
    throw new CommandError('InvalidOptions', 'Transaction number requires a session ID to also be specified')
  return undefined
}

function numberOf(body: Document): bigint | undefined {
  const value: Value | undefined = body.get('txnNumber')
  if (value === undefined) return undefined
  const number = integerOf(value)
  if (number === undefined || number < 0n)
    throw new CommandError('InvalidOptions', 'Transaction number cannot be negative, and must be of type long')
  return number
}

function tooOld(session: Session, number: bigint): CommandError {
  return new CommandError(
    'TransactionTooOld',
    `Cannot start transaction with transaction number ${number} on session ${session.id} because a newer transaction with transaction number ${session.number} has already started.`,
  )
}

interface Place {
  readonly room: Room
  readonly session: Session
  readonly number: bigint
}

const ENDINGS = new Set(['commitTransaction', 'abortTransaction'])

function enterTransaction(request: Request, command: Command, place: Place): Entered {
  const { session, number } = place
  const isStart = request.body.get('startTransaction') === true
  if (!command.inTransactions)
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${request.name}' in a multi-document transaction.`,
    )
  if (request.body.has('writeConcern') && !ENDINGS.has(request.name))
    throw new CommandError('InvalidOptions', 'writeConcern is not allowed within a multi-statement transaction')
  if (isStart) begin(place)
  const { transaction } = session
  if (transaction?.number !== number) throw noSuchTransaction(number)
  if (!ENDINGS.has(request.name)) requireOpen(transaction)
  return { session, transaction }
}

function begin({ room, session, number }: Place): void {
  const { transaction } = session
  if (transaction?.number === number && transaction.state === 'open')
    throw new CommandError(
      117,
      `Given transaction number ${number} for transaction is already in progress on session ${session.id}.`,
    )
  if (number === session.number && transaction?.number === number)
    throw new CommandError(117, `Cannot start a transaction at given transaction number ${number} again.`)
  transaction?.abort()
  session.number = number
  session.transaction = new Transaction(number, room.store, room.claims)
}

function requireOpen(transaction: Transaction): void {
  if (transaction.state === 'committed')
    throw new CommandError('TransactionCommitted', `Transaction ${transaction.number} has been committed.`)
  if (transaction.state === 'aborted')
    throw new CommandError('NoSuchTransaction', `Transaction ${transaction.number} has been aborted.`, {
      labels: ['TransientTransactionError'],
    })
}

function enterRetryable(session: Session, number: bigint): Entered {
  if (number > session.number) {
    session.transaction?.abort()
    session.transaction = undefined
    session.number = number
  }
  if (session.answered?.number === number) return { session, transaction: undefined, answered: session.answered.reply }
  return {
    session,
    transaction: undefined,
    remember: reply => {
      session.answered = { number, reply }
      reply.catch(() => {
        if (session.answered?.reply === reply) session.answered = undefined
      })
    },
  }
}

const LABELLED = new Set([112, 251, 24, 246])

/** An error inside a transaction ends it; some errors are worth trying the whole transaction again. */
export function leaveAfterError(error: CommandError, entered: Entered, request: Request): CommandError {
  const { transaction } = entered
  if (transaction === undefined) return withoutTransientLabel(error)
  const isCommit = request.name === 'commitTransaction'
  if (!isCommit) transaction.abort()
  if (LABELLED.has(error.code) && !error.labels.includes('TransientTransactionError'))
    return relabelled(error, ['TransientTransactionError'])
  return error
}

function withoutTransientLabel(error: CommandError): CommandError {
  return error.labels.includes('TransientTransactionError') && error.code === 112 ? relabelled(error, []) : error
}

function relabelled(error: CommandError, labels: readonly string[]): CommandError {
  return new CommandError(error.code, error.message, { labels, fields: error.fields, cause: error })
}
