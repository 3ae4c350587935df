// One session of the console: what it may do, in whose name, and the transaction that a line takes part in.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Document } from 'mongodb'
import { GooseError } from '../../errors.ts'
import { AUDIT_COLLECTION } from '../../runtime/audit-log.ts'
import { type Connection, hasTransactions } from '../../runtime/connection.ts'
import { auditContext, operationId } from '../../runtime/context.ts'
import { type HeldTransaction, holdTransaction } from '../../runtime/held-transaction.ts'
import { actorOf } from '../actor.ts'
import type { Address } from '../address.ts'
import type { LoadedModel } from '../models.ts'
import { Sandbox, type StagedLine } from './sandbox.ts'
import type { SentCommand } from './sent-command.ts'
import { Wire } from './wire.ts'

/** What a session may do to the data. */
export type Mode = 'read-only' | 'write' | 'sandbox' | 'transaction'

/** What a session is opened with. */
export interface SessionOptions {
  readonly connection: Connection
  readonly address: Address
  readonly mode: 'read-only' | 'write'
  readonly reason?: string | undefined
  readonly models: readonly LoadedModel[]
}

/** What has happened beside the results. */
export interface News {
  readonly staged: readonly StagedLine[]
  readonly written: boolean
  readonly isTakenBack: boolean
}

interface OpenTransaction {
  readonly transaction: HeldTransaction
  readonly since: number
  /** Whether the server has refused something in it, and with that the whole. */
  isLost: boolean
}

/** A session: lines run in it, and every command they send is looked at. */
export class Session {
  readonly connection: Connection
  readonly address: Address
  /** Joins all that the session writes, in the audit. */
  readonly op = operationId()
  readonly wire: Wire
  readonly sandbox: Sandbox
  user: string | undefined
  /** The run that `.undo` takes back. */
  lastRun: string | undefined
  #base: 'read-only' | 'write'
  #isSandboxed = false
  readonly #applying = new AsyncLocalStorage<true>()
  #reason: string | undefined
  #held: OpenTransaction | undefined
  #hasWritten = false
  #isTakenBack = false
  #told = 0
  models: readonly LoadedModel[]

  constructor({ connection, address, mode, reason, models }: SessionOptions) {
    this.connection = connection
    this.address = address
    this.#base = mode
    this.#reason = reason
    this.models = models
    this.sandbox = new Sandbox(connection)
    this.wire = new Wire({
      look: command => this.look(command),
      answered: (command, reply) => this.#answered(command, reply),
    })
    this.wire.watch(connection.client)
  }

  get mode(): Mode {
    if (this.#isSandboxed) return 'sandbox'
    return this.#held ? 'transaction' : this.#base
  }

  get reason(): string | undefined {
    return this.#reason
  }

  /** How long the open transaction has been open, in seconds. */
  get age(): number {
    return this.#held ? Math.floor((Date.now() - this.#held.since) / 1000) : 0
  }

  /** Lets the session write from now on. */
  allowWrites(reason: string | undefined): void {
    if (this.address.isProtected && !reason?.trim())
      throw new GooseError('USAGE', {
        reason: `${this.address.name} is protected: say why you write to it`,
        hint: '.write "reason"',
      })
    this.#base = 'write'
    this.#reason = reason?.trim() || this.#reason
  }

  /** Lets the session only read from now on. */
  forbidWrites(): void {
    this.#base = 'read-only'
  }

  /** Stages writes from now on. Throws `NOT_SUPPORTED` where the server has no transactions, and only reads then. */
  async enterSandbox(): Promise<void> {
    if (this.#held)
      throw new GooseError('USAGE', { reason: 'a transaction is open', hint: '.tx commit or .tx abort first' })
    if (!(await hasTransactions(this.connection.alias))) {
      this.#base = 'read-only'
      throw withoutTransactions('the sandbox', '.write allows writes')
    }
    this.#isSandboxed = true
  }

  /** Leaves the sandbox; what it holds is kept until it is committed or dropped. */
  leaveSandbox(): void {
    this.#isSandboxed = false
  }

  async begin(): Promise<void> {
    if (this.#held)
      throw new GooseError('USAGE', { reason: 'a transaction is open already', hint: '.tx commit or .tx abort' })
    if (this.#isSandboxed)
      throw new GooseError('USAGE', { reason: 'the sandbox is open', hint: '.commit or .discard first' })
    if (this.#base === 'read-only') throw readOnly('a transaction', this.address)
    if (!(await hasTransactions(this.connection.alias))) throw withoutTransactions('a transaction', 'write without one')
    this.#held = { transaction: await holdTransaction(this.connection.alias), since: Date.now(), isLost: false }
  }

  /** Ends the open transaction. Where the server did not tell whether it has committed, it can be asked again. */
  async end(way: 'commit' | 'abort'): Promise<void> {
    const held = this.#held
    if (!held) throw new GooseError('USAGE', { reason: 'no transaction is open', hint: '.tx opens one' })
    if (way === 'abort') return this.#takeBack(held)
    try {
      await auditContext.run(this.#actor(), () => held.transaction.commit())
      this.#held = undefined
    } catch (error) {
      if (isUnknown(error)) throw unknownEnd(error)
      await this.#takeBack(held)
      throw error
    }
  }

  async #takeBack(held: OpenTransaction): Promise<void> {
    this.#held = undefined
    await held.transaction.abort('restore')
  }

  /** Ends what the session has open on the server. */
  async leave(): Promise<void> {
    if (this.#held) await this.#takeBack(this.#held)
  }

  /** Runs what a line asks for: in the name of the session, in its sandbox or its transaction. */
  async run<T>(act: () => Promise<T>, line?: AbortSignal): Promise<T> {
    return auditContext.run(this.#actor(), () => {
      if (this.#isSandboxed) return this.sandbox.run(act, line)
      return this.#held ? this.#within(this.#held, act) : act()
    })
  }

  async #within<T>(held: OpenTransaction, act: () => Promise<T>): Promise<T> {
    try {
      return await held.transaction.within(act)
    } finally {
      if (held.isLost && this.#held === held) {
        this.#isTakenBack = true
        await this.#takeBack(held)
      }
    }
  }

  /** Ends what a line has under way on the server; a transaction that it has a command in is taken back. */
  async stop(line: AbortSignal): Promise<'stopped' | 'taken back'> {
    const isBusy = this.#held !== undefined && this.wire.isBusy(line)
    await this.wire.stop(line)
    if (!isBusy) return 'stopped'
    await this.end('abort').catch(() => undefined)
    return 'taken back'
  }

  /** Makes sure that the session may write beside its sandbox. */
  requireWrites(action: string): void {
    if (this.#base === 'read-only')
      throw new GooseError('READ_ONLY', {
        action,
        reason: this.address.isProtected ? `${this.address.name} is protected` : 'this session only reads',
        hint: '.write "reason" allows it',
      })
  }

  /** Writes in the name of the session, past its sandbox, as an operation of its own. */
  apply<T>(write: () => Promise<T>, op = operationId()): Promise<T> {
    return this.#applying.run(true, () => auditContext.run({ ...this.#actor(), op }, write))
  }

  #actor() {
    return {
      ...actorOf({ reason: this.#reason }),
      via: 'repl' as const,
      op: this.#isSandboxed ? this.sandbox.op : this.op,
      ...(this.user === undefined ? {} : { userId: this.user }),
    }
  }

  /** Looks at a command before it is sent, and throws when it may not be. */
  look(command: SentCommand): void {
    if (!command.isWrite || this.#applying.getStore()) return
    if (this.#isSandboxed || this.sandbox.isReplaying) this.sandbox.take(command)
    else if (this.#base === 'read-only') throw readOnly(command.name, this.address)
    else if (this.#held && !command.isInTransaction && !isOwnPlace(command))
      throw new GooseError('READ_ONLY', {
        action: command.name,
        reason: 'it would not take part in the open transaction',
        hint: '.tx commit or .tx abort first',
      })
  }

  #answered(command: SentCommand, reply: Document | undefined): void {
    const isRefused = reply === undefined || reply.writeErrors !== undefined
    if (command.isWrite) this.sandbox.answered(command, reply)
    if (this.#held && command.isInTransaction && isRefused) this.#held.isLost = true
    if (!isRefused && command.isWrite && !this.#isSandboxed && !this.#applying.getStore()) this.#hasWritten = true
  }

  /** Gives what has happened since it was last asked. */
  takeNews(): News {
    const { lines } = this.sandbox
    const news = {
      staged: lines.filter(({ number }) => number > this.#told),
      written: this.#hasWritten,
      isTakenBack: this.#isTakenBack,
    }
    this.#told = lines.at(-1)?.number ?? 0
    this.#hasWritten = false
    this.#isTakenBack = false
    return news
  }
}

/** Says whether a command only makes room for what goose itself writes down of a change. */
function isOwnPlace({ name, body }: SentCommand): boolean {
  const collection = String(body[name])
  return /^create(Indexes)?$/.test(name) && (collection === AUDIT_COLLECTION || collection.startsWith('_goose_'))
}

function isUnknown(error: unknown): boolean {
  const { hasErrorLabel } = error as { hasErrorLabel?(label: string): boolean }
  return hasErrorLabel?.call(error, 'UnknownTransactionCommitResult') === true
}

function unknownEnd(cause: unknown): GooseError {
  const reason = 'the server did not tell whether it has committed'
  return new GooseError('TRANSACTION_REFUSED', { reason, hint: '.tx commit asks again' }, { cause })
}

function withoutTransactions(what: string, hint: string): GooseError {
  const reason = `this server has no transactions${what === 'the sandbox' ? ', so the session is read-only' : ''}`
  return new GooseError('NOT_SUPPORTED', { what, reason, hint })
}

function readOnly(action: string, { name, isProtected }: Address): GooseError {
  const reason = isProtected ? `${name} is protected` : 'this session only reads'
  return new GooseError('READ_ONLY', {
    action,
    reason,
    hint: '.sandbox tries it without a trace, .write "reason" allows it',
  })
}
