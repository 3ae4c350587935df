// Transactions: every call inside takes part, an error undoes the database and the documents in memory.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientSession } from 'mongodb'
import { GooseError } from '../errors.ts'
import { connectionOf } from './connection.ts'
import { currentTransaction, type OpenTransaction, withTransaction } from './context.ts'

const PATIENCE = 120_000

/** The options of transaction(). */
export interface TransactionOptions {
  /** The alias of the connection. */
  readonly connection?: string
}

/** Runs calls as one: all of them are stored, or none. Nested calls join; passing conflicts are tried again.
 *
 * ```ts
 * await transaction(async () => {
 *   await (await User.get(id)).delete()
 * })
 * ```
 */
export async function transaction<T>(act: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
  const alias = options.connection ?? 'default'
  const ambient = currentTransaction()
  if (ambient?.connection === alias) return joined(ambient, act)
  if (ambient)
    throw refused(
      `one is open on connection "${ambient.connection}", it cannot reach "${alias}"`,
      'use outside() for the other connection',
    )
  const { client } = await connectionOf(alias)
  const session = client.startSession()
  const until = Date.now() + PATIENCE
  try {
    for (let attempts = 1; ; attempts++) {
      const outcome = await attempt(session, alias, act)
      if ('value' in outcome) return outcome.value
      if (!hasLabel(outcome.error, 'TransientTransactionError') || Date.now() > until) throw explained(outcome.error)
      await sleep(pauseAfter(attempts))
    }
  } finally {
    await session.endSession()
  }
}

/** Runs calls outside of the transaction that is open: they are stored whatever becomes of it. */
export function outside<T>(act: () => T): T {
  return withTransaction(undefined, act)
}

// What is half done by an error that somebody caught around it must not be stored.
async function joined<T>(open: OpenTransaction, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    open.failure ??= error
    throw error
  }
}

// Many that meet at the same documents would all begin again at once, and all but one in vain.
function pauseAfter(attempts: number): number {
  return Math.random() * Math.min(5 * 2 ** attempts, 500)
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

async function attempt<T>(session: ClientSession, connection: string, act: () => Promise<T>): Promise<Outcome<T>> {
  session.startTransaction()
  const open: OpenTransaction = {
    connection,
    session,
    turn: Promise.resolve(),
    undo: new Map(),
    beforeCommit: [],
    afterEnd: [],
  }
  let end: 'committed' | 'aborted' | 'unknown' = 'aborted'
  try {
    const value = await withTransaction(open, act)
    if (open.failure !== undefined) throw takenBack(open.failure)
    for (const prepare of open.beforeCommit) await withTransaction(open, prepare)
    end = 'unknown'
    await commit(session)
    end = 'committed'
    return { value }
  } catch (error) {
    if (!hasLabel(error, 'UnknownTransactionCommitResult')) end = 'aborted'
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined)
    for (const undo of [...open.undo.values()].reverse()) undo()
    // After an error, the server says of each further command that there is no such transaction: to try again is in vain.
    const isLost = open.failure !== undefined && error !== open.failure && hasLabel(error, 'TransientTransactionError')
    return { error: isLost ? takenBack(open.failure) : error }
  } finally {
    for (const tell of open.afterEnd) tell(end)
  }
}

async function commit(session: ClientSession): Promise<void> {
  const until = Date.now() + PATIENCE
  for (;;) {
    try {
      return await session.commitTransaction()
    } catch (error) {
      if (!hasLabel(error, 'UnknownTransactionCommitResult') || Date.now() > until) throw error
    }
  }
}

function hasLabel(error: unknown, label: string): boolean {
  const found = error instanceof GooseError && error.cause ? error.cause : error
  const check = (found as { hasErrorLabel?(label: string): boolean }).hasErrorLabel
  return typeof check === 'function' && check.call(found, label)
}

function takenBack(failure: unknown): GooseError {
  const reason = `a part of it has failed, and nothing was stored: ${failure instanceof Error ? failure.message : String(failure)}`
  return refused(reason, 'let the error through, or do that part with outside()', failure)
}

function explained(error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  if (code === 20 || (code === 263 && /Transaction numbers|standalone|replica set/i.test(String(message))))
    return refused(
      'this server has none: it is no replica set',
      'use update() with a guarding filter, or a replica set',
      error,
    )
  return error
}

function refused(reason: string, hint: string, cause?: unknown): GooseError {
  return new GooseError('TRANSACTION_REFUSED', { reason, hint }, cause === undefined ? {} : { cause })
}
