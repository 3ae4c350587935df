// Keeps logical sessions: their transaction, and the answers to their retryable writes.
import { Binary } from 'mongodb'
import type { Document } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Transaction } from './transactions.ts'

export const SESSION_TIMEOUT_MINUTES = 30

export interface Session {
  readonly id: string
  lastUsed: number
  /** the highest transaction number seen */
  number: bigint
  transaction: Transaction | undefined
  /** the answer to the last retryable write, to be given again when it is retried */
  answered: { readonly number: bigint; readonly reply: Promise<Buffer> } | undefined
}

export class Sessions {
  readonly #open = new Map<string, Session>()

  /** Gives the session of an lsid, which begins with its first use. */
  use(lsid: Document): Session {
    const id = sessionIdOf(lsid)
    const known = this.#open.get(id)
    if (known) {
      known.lastUsed = Date.now()
      return known
    }
    const session = { id, lastUsed: Date.now(), number: -1n, transaction: undefined, answered: undefined }
    this.#open.set(id, session)
    return session
  }

  get(id: string): Session | undefined {
    return this.#open.get(id)
  }

  get all(): readonly Session[] {
    return [...this.#open.values()]
  }

  /** Ends a session, and aborts what it has open. */
  end(id: string): void {
    this.#open.get(id)?.transaction?.abort()
    this.#open.delete(id)
  }

  endAll(): void {
    for (const id of [...this.#open.keys()]) this.end(id)
  }

  /** Ends sessions that were not used for too long, which it gives, and transactions that are open for too long. */
  expire(now: number): readonly string[] {
    const open = [...this.#open.values()]
    for (const { transaction } of open) if (transaction?.isExpired(now)) transaction.abort()
    const ended = open.filter(({ lastUsed }) => now - lastUsed > SESSION_TIMEOUT_MINUTES * 60_000).map(({ id }) => id)
    for (const id of ended) this.end(id)
    return ended
  }
}

export function sessionIdOf(lsid: Document): string {
  const id = lsid.get('id')
  if (!(id instanceof Binary) || id.length() !== 16)
    throw new CommandError(40414, "BSON field 'OperationSessionInfo.lsid.id' is missing but a required field")
  return Buffer.from(id.buffer.subarray(0, 16)).toString('hex')
}
