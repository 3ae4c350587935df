// Keeps open cursors: fills batches, and forgets cursors that are exhausted, killed or unused for too long.
import { randomBytes } from 'node:crypto'
import { CommandError } from '../errors.ts'
import type { Scans } from '../query/scans.ts'
import { copyOf, type Data } from '../store/data.ts'
import { Batch } from '../wire/reply.ts'
import type { TimeLimit } from './time-limit.ts'

const BATCH_BYTES = 1_000_000
export const IDLE_MILLISECONDS = 600_000

/** What a tailable cursor gives while the next document has not been written. */
export const NOTHING_YET = new Uint8Array(0)

export interface CursorSource {
  readonly namespace: string
  readonly results: Iterable<Uint8Array>
  readonly scans: Scans
  /** the session and the transaction it was opened in */
  readonly session: string | undefined
  readonly transaction: bigint | undefined
  readonly noTimeout: boolean
  /** whether getMore waits for what has not been written yet */
  readonly awaits?: boolean | undefined
  /** how long its batches may take together */
  readonly time?: TimeLimit | undefined
  /** the state it reads */
  readonly data: Data
}

export class Cursor {
  readonly source: CursorSource
  readonly id: bigint
  lastUsed = Date.now()
  readonly #iterator: Iterator<Uint8Array>
  #next: Uint8Array | undefined
  #failure: unknown
  #isDone = false

  constructor(source: CursorSource, id: bigint) {
    this.source = source
    this.id = id
    this.#iterator = source.results[Symbol.iterator]()
  }

  get isExhausted(): boolean {
    return this.#isDone && this.#next === undefined && this.#failure === undefined
  }

  /** Gives up to `count` documents, fewer when they are large. */
  fill(count: number): Batch {
    const batch = new Batch()
    this.source.time?.resume()
    if (this.#failure !== undefined) throw this.#failure
    while (batch.count < count) {
      const bytes = this.#take()
      if (bytes === undefined) break
      batch.add(bytes)
      if (batch.size >= BATCH_BYTES) break
    }
    if (count > 0) this.#lookAhead()
    this.source.scans.park()
    this.source.time?.pause()
    this.lastUsed = Date.now()
    return batch
  }

  close(): void {
    this.#isDone = true
    this.#next = undefined
    this.#failure = undefined
    this.#iterator.return?.()
    this.source.scans.park()
  }

  #take(): Uint8Array | undefined {
    const ahead = this.#next
    this.#next = undefined
    if (ahead !== undefined || this.#isDone) return ahead
    const step = this.#iterator.next()
    if (!step.done) return step.value === NOTHING_YET ? undefined : step.value
    this.#isDone = true
    return undefined
  }

  /** Knows by one more document whether the cursor is exhausted; an error there belongs to the next batch. */
  #lookAhead(): void {
    if (this.#isDone || this.#next !== undefined) return
    try {
      const bytes = this.#take()
      if (bytes !== undefined) this.#next = copyOf(bytes)
    } catch (error) {
      this.#failure = error
    }
  }
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor>()

  open(source: CursorSource): Cursor {
    let id = 0n
    while (id === 0n || this.#open.has(id)) id = randomBytes(8).readBigInt64LE() & 0x7fffffffffffffffn
    const cursor = new Cursor(source, id)
    this.#open.set(id, cursor)
    return cursor
  }

  get(id: bigint): Cursor {
    const cursor = this.#open.get(id)
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`)
    return cursor
  }

  /** Closes a cursor, and says whether there was one. */
  close(id: bigint): boolean {
    this.#open.get(id)?.close()
    return this.#open.delete(id)
  }

  closeIf(condition: (cursor: Cursor) => boolean): void {
    for (const cursor of this.#open.values()) if (condition(cursor)) this.close(cursor.id)
  }

  closeIdle(now: number): void {
    this.closeIf(cursor => !cursor.source.noTimeout && now - cursor.lastUsed > IDLE_MILLISECONDS)
  }

  get size(): number {
    return this.#open.size
  }
}
