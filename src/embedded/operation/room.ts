// What all commands of one server share, and what one running command has at hand.

import type { Document } from '../bson/decode.ts'
import type { Session, Sessions } from '../sessions/sessions.ts'
import type { Snapshots } from '../sessions/snapshots.ts'
import type { Transaction } from '../sessions/transactions.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Claims } from '../store/claims.ts'
import type { Data } from '../store/data.ts'
import type { Store } from '../store/store.ts'
import type { Activity, Running } from './activity.ts'
import type { Cursors } from './cursors.ts'
import type { FailPoints } from './fail-points.ts'
import type { Request } from './request.ts'
import type { TimeLimit } from './time-limit.ts'

export interface Room {
  readonly store: Store
  readonly catalog: Catalog
  readonly cursors: Cursors
  readonly sessions: Sessions
  readonly claims: Claims
  readonly snapshots: Snapshots
  readonly failPoints: FailPoints
  readonly activity: Activity
  /** the server's address as clients name it: host:port, or the path of the socket */
  readonly address: string
  readonly standalone: boolean
  readonly startedAt: Date
  readonly connections: { readonly current: number; readonly total: number }
}

export interface Client {
  readonly id: number
  readonly peer: string
}

/** One running command. */
export interface Operation {
  readonly request: Request
  readonly room: Room
  readonly client: Client
  readonly session: Session | undefined
  readonly transaction: Transaction | undefined
  /** what the command reads: the committed state, or that of its transaction */
  readonly data: Data
  /** how long it may work, where the client says so */
  readonly limit: TimeLimit | undefined
  /** its entry in the list of running commands, which says whether it was killed */
  readonly running: Running
  /** Runs a synchronous function that may write; inside a transaction it writes there. */
  write<Result>(work: (data: Data) => Result): Promise<Result>
}

/** A reply is a document, or already its bytes. */
export type Reply = Document | Buffer

export interface Command {
  /** what it does, for listCommands */
  readonly help: string
  readonly run: (operation: Operation) => Reply | Promise<Reply>
  /** whether it may run inside a transaction */
  readonly inTransactions?: boolean
  /** whether it is a write that clients may retry */
  readonly retryable?: boolean
  /** whether it may run on the admin database only */
  readonly adminOnly?: boolean
}
