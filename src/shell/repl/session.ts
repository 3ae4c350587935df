// One session of the console: what it may do, in whose name, and the transaction that a line takes part in.
import { GooseError } from '../../errors.ts'
import type { Connection } from '../../runtime/connection.ts'
import { auditContext, operationId } from '../../runtime/context.ts'
import { type HeldTransaction, holdTransaction } from '../../runtime/held-transaction.ts'
import type { Address } from '../address.ts'
import { Sandbox } from './sandbox.ts'
import { type SentCommand, Wire } from './wire.ts'

/** What a session may do to the data. */
export type Mode = 'read-only' | 'write' | 'sandbox' | 'transaction'

/** What a session is opened with. */
export interface SessionOptions {
  readonly connection: Connection
  readonly address: Address
  readonly mode: 'read-only' | 'write'
  readonly reason?: string | undefined
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
  #isApplying = false
  #reason: string | undefined
  #held: { readonly transaction: HeldTransaction; readonly since: number } | undefined

  constructor({ connection, address, mode, reason }: SessionOptions) {
    this.connection = connection
    this.address = address
    this.#base = mode
    this.#reason = reason
    this.sandbox = new Sandbox(connection)
    this.wire = new Wire(command => this.look(command))
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

  /** Stages writes from now on. Throws `NOT_SUPPORTED` where the server has no transactions. */
  async enterSandbox(): Promise<void> {
    if (this.#held)
      throw new GooseError('USAGE', { reason: 'a transaction is open', hint: '.tx commit or .tx abort first' })
    await this.sandbox.check()
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
    await this.sandbox.check()
    this.#held = { transaction: await holdTransaction(this.connection.alias), since: Date.now() }
  }

  async end(way: 'commit' | 'abort'): Promise<void> {
    const held = this.#held
    if (!held) throw new GooseError('USAGE', { reason: 'no transaction is open', hint: '.tx opens one' })
    this.#held = undefined
    if (way === 'commit') await held.transaction.commit()
    else await held.transaction.abort('restore')
  }

  /** Runs what a line asks for: in the name of the session, in its sandbox or its transaction. */
  async run<T>(act: () => Promise<T>, line?: AbortSignal): Promise<T> {
    return auditContext.run(this.#actor(), () => {
      if (this.#isSandboxed) return this.sandbox.run(act, line)
      return this.#held ? this.#held.transaction.within(act) : act()
    })
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
  async apply<T>(write: () => Promise<T>, op = operationId()): Promise<T> {
    this.#isApplying = true
    try {
      return await auditContext.run({ ...this.#actor(), op }, write)
    } finally {
      this.#isApplying = false
    }
  }

  #actor() {
    return {
      via: 'repl' as const,
      op: this.#isSandboxed ? this.sandbox.op : this.op,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.user === undefined ? {} : { userId: this.user }),
    }
  }

  /** Looks at a command before it is sent, and throws when it may not be. */
  look(command: SentCommand): void {
    if (!command.isWrite || this.#isApplying) return
    if (this.#isSandboxed || this.sandbox.isReplaying) this.sandbox.take(command)
    else if (this.#base === 'read-only') throw readOnly(command.name, this.address)
    else if (this.#held && !command.isInTransaction)
      throw new GooseError('READ_ONLY', {
        action: command.name,
        reason: 'it would not take part in the open transaction',
        hint: 'use a model, or .tx commit first',
      })
  }
}

function readOnly(action: string, { name, isProtected }: Address): GooseError {
  const reason = isProtected ? `${name} is protected` : 'this session only reads'
  return new GooseError('READ_ONLY', {
    action,
    reason,
    hint: '.sandbox tries it without a trace, .write "reason" allows it',
  })
}
