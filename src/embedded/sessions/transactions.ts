// Runs multi-document transactions: a snapshot to read, an overlay for the writes, and a commit that checks both.
import { CommandError } from '../errors.ts'
import type { Claims } from '../store/claims.ts'
import type { Data } from '../store/data.ts'
import { Overlay } from '../store/overlay.ts'
import type { Snapshot, Store } from '../store/store.ts'

export type TransactionState = 'open' | 'committed' | 'aborted'

export const LIFETIME_MILLISECONDS = 60_000

export class Transaction {
  readonly number: bigint
  readonly #store: Store
  readonly #snapshot: Snapshot
  readonly #overlay: Overlay
  readonly #startedAt = Date.now()
  #state: TransactionState = 'open'

  constructor(number: bigint, store: Store, claims: Claims) {
    this.number = number
    this.#store = store
    this.#snapshot = store.snapshot()
    this.#overlay = new Overlay(this.#snapshot, store.data, claims)
  }

  get state(): TransactionState {
    return this.#state
  }

  get data(): Data {
    return this.#overlay.data
  }

  get startedAt(): number {
    return this.#startedAt
  }

  isExpired(now: number): boolean {
    return this.#state === 'open' && now - this.#startedAt > LIFETIME_MILLISECONDS
  }

  /** Commits; asked again after success it succeeds again, because the client may not have heard. */
  async commit(): Promise<void> {
    if (this.#state === 'committed') return
    if (this.#state === 'aborted') throw noSuchTransaction(this.number)
    try {
      if (!this.#overlay.isEmpty) await this.#store.write(data => this.#overlay.commitTo(data))
      this.#state = 'committed'
    } catch (error) {
      this.#state = 'aborted'
      throw error
    } finally {
      this.#release()
    }
  }

  abort(): void {
    if (this.#state !== 'open') return
    this.#state = 'aborted'
    this.#release()
  }

  #release(): void {
    this.#overlay.release()
    this.#snapshot.release()
  }
}

export function noSuchTransaction(number: bigint): CommandError {
  return new CommandError(
    'NoSuchTransaction',
    `Given transaction number ${number} does not match any in-progress transactions.`,
    {
      labels: ['TransientTransactionError'],
    },
  )
}
