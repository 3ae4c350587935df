// Writes that are staged: each line sees them by a replay inside a transaction that is then aborted.
import { AsyncLocalStorage } from 'node:async_hooks'
import { BSON, type ClientSession, type Document } from 'mongodb'
import { GooseError } from '../../errors.ts'
import type { Connection } from '../../runtime/connection.ts'
import { currentTransaction, operationId } from '../../runtime/context.ts'
import { holdTransaction } from '../../runtime/held-transaction.ts'
import type { SentCommand } from './sent-command.ts'

/** A write that waits: the command as it would be sent. */
export interface StagedWrite {
  readonly name: string
  readonly database: string
  readonly collection: string
  readonly body: Document
  /** What it did, as it was last seen. */
  effect: Effect | undefined
}

/** What a server says that a write did. */
export interface Effect {
  readonly matched: number
  readonly changed: number
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
  #taken = new Map<SentCommand, StagedWrite>()
  readonly #replaying = new AsyncLocalStorage<true>()
  /** What `.diff` has shown of all lines, to be compared with what a commit would write. */
  #shown: string | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get lines(): readonly StagedLine[] {
    return this.#lines
  }

  /** Whether what asks is a replay of what is staged. */
  get isReplaying(): boolean {
    return this.#replaying.getStore() === true
  }

  /** What was last shown of all that is staged now. */
  get shown(): string | undefined {
    return this.#shown
  }

  show(digest: string): void {
    this.#shown = digest
  }

  /** Takes a write into the stage, or refuses it. */
  take(command: SentCommand): void {
    if (this.isReplaying) return
    const { name, database, body, isInTransaction } = command
    if (!stageable.has(name) || !isInTransaction)
      throw new GooseError('READ_ONLY', {
        action: name,
        reason: stageable.has(name) ? 'the sandbox sees only what models write' : 'it cannot be taken back',
        hint: '.discard leaves the sandbox',
      })
    const write = { name, database, collection: String(body[name]), body: copyOf(body), effect: undefined }
    this.#taken.set(command, write)
  }

  /** Notes what a write did that was taken. */
  answered(command: SentCommand, reply: Document | undefined): void {
    const write = this.#taken.get(command)
    if (write && reply) write.effect = effectOf(reply)
  }

  /** Runs a line on top of the staged writes; what it writes is staged when it succeeds. */
  async run<T>(act: () => Promise<T>, line?: AbortSignal): Promise<T> {
    const held = await holdTransaction(this.#connection.alias, 'trial')
    this.#taken = new Map()
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
    this.#shown = undefined
    this.op = operationId()
  }

  #keep(): void {
    if (this.#taken.size === 0) return
    const number = (this.#lines.at(-1)?.number ?? 0) + 1
    this.#lines = [...this.#lines, { number, writes: [...this.#taken.values()] }]
    this.#taken = new Map()
    this.#shown = undefined
  }

  async #replay(writes: readonly StagedWrite[]): Promise<void> {
    for (const write of writes) await this.#send(write)
  }

  #send({ database, body }: StagedWrite): Promise<Document> {
    const { client } = this.#connection
    return this.#replaying.run(true, () => client.db(database).command(copyOf(body), { session: sessionInForce() }))
  }
}

/** Reads from a reply what a write did. */
export function effectOf(reply: Document): Effect {
  const found = reply.lastErrorObject as Document | undefined
  const matched = Number(found?.n ?? reply.n ?? 0)
  return { matched, changed: Number(reply.nModified ?? matched) }
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
