// What travels with the calls: who acts and why, and the transaction they take part in.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { ClientSession } from 'mongodb'

/** Who acts, and why: written into audit entries and deletion marks. */
export interface Actor {
  readonly userId?: unknown
  readonly ipAddress?: string
  readonly requestId?: string
  /** Joins all writes of one piece of work; made up for each write when absent. */
  readonly op?: string
  readonly reason?: string
  readonly via?: 'app' | 'cli' | 'repl' | 'bulk' | 'undo' | 'archive' | 'purge' | 'import' | 'job'
}

/** A transaction that calls take part in. */
export interface OpenTransaction {
  readonly connection: string
  readonly session: ClientSession
  /** Commands of one transaction go one after the other. */
  turn: Promise<unknown>
  /** What has failed inside: the server has taken everything back by then, or ought to. */
  failure?: unknown
  /** Whether all of it will be taken back: it only tries what writes would do. */
  readonly isTrial?: boolean
  readonly undo: Map<object, () => void>
  readonly beforeCommit: (() => Promise<void>)[]
  /** `unknown` when the server did not tell whether it has committed. */
  readonly afterEnd: ((end: 'committed' | 'aborted' | 'unknown') => void)[]
}

interface Context {
  readonly actor?: Actor
  readonly transaction?: OpenTransaction | undefined
}

const KEY = Symbol.for('goose.context')

function storage(): AsyncLocalStorage<Context> {
  const shared = globalThis as { [KEY]?: AsyncLocalStorage<Context> }
  shared[KEY] ??= new AsyncLocalStorage()
  return shared[KEY]
}

/** Runs calls with an actor: who and why.
 *
 * ```ts
 * await auditContext.run({ userId: 'ada', reason: 'clean-up' }, () => post.delete())
 * ```
 */
export const auditContext = {
  run<T>(actor: Actor, act: () => T): T {
    return storage().run({ ...storage().getStore(), actor: { ...currentActor(), ...actor } }, act)
  },
  get(): Actor {
    return currentActor()
  },
}

/** Sets the actor for the rest of the current asynchronous flow, as the middleware of a server does. */
export function setAuditContext(actor: Actor): void {
  storage().enterWith({ ...storage().getStore(), actor })
}

/** Gives the actor of the current flow. */
export function currentActor(): Actor {
  return storage().getStore()?.actor ?? {}
}

/** Gives the transaction of the current flow. */
export function currentTransaction(): OpenTransaction | undefined {
  return storage().getStore()?.transaction
}

/** Runs calls inside a transaction, or outside of any. */
export function withTransaction<T>(transaction: OpenTransaction | undefined, act: () => T): T {
  return storage().run({ ...storage().getStore(), transaction }, act)
}

/** Gives the operation id of the current flow, or a new one: ids sort by time. */
export function operationId(): string {
  return currentActor().op ?? `op_${Date.now().toString(36).padStart(9, '0')}${randomBytes(8).toString('hex')}`
}

/** Runs calls as one operation: all that they write carries the same operation id. */
export function asOperation<T>(act: () => T): T {
  return auditContext.run({ op: operationId() }, act)
}
