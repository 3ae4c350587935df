// Writes that are staged: each line sees them by a replay inside a transaction that is then aborted.
import { BSON, type ClientSession, type Document } from 'mongodb'
import { GooseError } from '../../errors.ts'
import { type Connection, hasTransactions } from '../../runtime/connection.ts'
import { currentTransaction, operationId } from '../../runtime/context.ts'
import { holdTransaction } from '../../runtime/held-transaction.ts'
import type { SentCommand } from './wire.ts'

/** A write that waits: the command as it would be sent. */
export interface StagedWrite {
  readonly name: string
  readonly database: string
  readonly collection: string
  readonly body: Document
}

/** The writes of one line. */
export interface StagedLine {
  readonly number: number
  readonly writes: readonly StagedWrite[]
}

const stageable = new Set(['insert', 'update', 'delete', 'findAndModify'])

/** Holds the staged writes of a session. Nothing is locked between lines, and nothing is written. */
export class Sandbox {
  readonly #connection: Connection
  /** The operation that the staged writes are part of: documents carry it, and so does what commits them. */
  op = operationId()
  #lines: readonly StagedLine[] = []
  #taken: StagedWrite[] = []
  #isReplaying = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get lines(): readonly StagedLine[] {
    return this.#lines
  }

  get isReplaying(): boolean {
    return this.#isReplaying
  }

  /** Makes sure that the server can take writes back. */
  async check(): Promise<void> {
    if (await hasTransactions(this.#connection.alias)) return
    throw new GooseError('NOT_SUPPORTED', {
      what: 'the sandbox',
      reason: 'this server has no transactions, so the session stays read-only',
      hint: 'use a replica set, or the embedded database',
    })
  }

  /** Takes a write into the stage, or refuses it. */
  take({ name, database, body, isInTransaction }: SentCommand): void {
    if (this.#isReplaying) return
    if (!stageable.has(name) || !isInTransaction)
      throw new GooseError('READ_ONLY', {
        action: name,
        reason: stageable.has(name) ? 'the sandbox sees only what models write' : 'it cannot be taken back',
        hint: '.discard leaves the sandbox',
      })
    this.#taken.push({ name, database, collection: String(body[name]), body: copyOf(body) })
  }

  /** Runs a line on top of the staged writes; what it writes is staged when it succeeds. */
  async run<T>(act: () => Promise<T>, line?: AbortSignal): Promise<T> {
    const held = await holdTransaction(this.#connection.alias, 'trial')
    this.#taken = []
    // What is stopped may never end by itself, and must hold no locks.
    line?.addEventListener('abort', () => void held.abort('keep'), { once: true })
    try {
      return await held.within(async () => {
        await this.#replay(this.#lines.flatMap(line => line.writes))
        const value = await act()
        if (!line?.aborted) this.#keep()
        return value
      })
    } finally {
      if (!line?.aborted) await held.abort('keep')
    }
  }

  /** Replays the lines before one, then gives each of its writes to `see`, which sends it itself by `send`. */
  async inspect(
    number: number,
    see: (write: StagedWrite, send: () => Promise<Document>, session: ClientSession) => Promise<void>,
  ): Promise<void> {
    const before = this.#lines.filter(line => line.number < number).flatMap(line => line.writes)
    const line = this.#lines.find(candidate => candidate.number === number)
    const held = await holdTransaction(this.#connection.alias, 'trial')
    try {
      await held.within(async () => {
        await this.#replay(before)
        for (const write of line?.writes ?? []) await see(write, () => this.#send(write), sessionInForce())
      })
    } finally {
      await held.abort('keep')
    }
  }

  discard(): void {
    this.#lines = []
    this.op = operationId()
  }

  #keep(): void {
    if (this.#taken.length === 0) return
    const number = (this.#lines.at(-1)?.number ?? 0) + 1
    this.#lines = [...this.#lines, { number, writes: this.#taken }]
    this.#taken = []
  }

  async #replay(writes: readonly StagedWrite[]): Promise<void> {
    for (const write of writes) await this.#send(write)
  }

  async #send({ database, body }: StagedWrite): Promise<Document> {
    this.#isReplaying = true
    try {
      return await this.#connection.client.db(database).command(copyOf(body), { session: sessionInForce() })
    } finally {
      this.#isReplaying = false
    }
  }
}

function sessionInForce(): ClientSession {
  const open = currentTransaction()
  if (!open) throw new GooseError('TRANSACTION_REFUSED', { reason: 'none is open', hint: '.sandbox opens the sandbox' })
  return open.session
}

const travelling = new Set([
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  '$db',
  '$clusterTime',
  '$readPreference',
  'apiVersion',
  'apiStrict',
])

/** Copies a command as it goes over the wire, without what belongs to one sending of it. */
function copyOf(body: Document): Document {
  const own = Object.fromEntries(Object.entries(body).filter(([key]) => !travelling.has(key)))
  return BSON.deserialize(BSON.serialize(own, { ignoreUndefined: true }), {
    promoteValues: false,
    promoteLongs: false,
    bsonRegExp: true,
  })
}
