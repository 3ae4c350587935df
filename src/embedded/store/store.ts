// Opens a data folder in LMDB, reads it and writes it in transactions shared by all who write at once.
import { open, type RootDatabase, type Transaction } from 'lmdb'
import type { Data } from './data.ts'
import { type Moment, Moves } from './moves.ts'
import { dataOf, openTables, type Tables } from './tables.ts'

export interface StoreOptions {
  readonly path: string
  /** whether a write is acknowledged only after it reached the disk */
  readonly durable: boolean
  /** whether no other process can know the folder */
  readonly isPrivate: boolean
}

export interface Snapshot {
  readonly data: Data
  readonly taken: Moment
  release(): void
}

export interface Store {
  readonly path: string
  /** the committed state */
  readonly data: Data
  /** Runs a synchronous function that reads the newest state and writes; an error undoes its writes. */
  write<Result>(work: (data: Data) => Result): Promise<Result>
  /** Keeps the present state readable until it is released. */
  snapshot(): Snapshot
  /** bytes in use by the data file */
  size(): number
  close(): Promise<void>
}

export function openStore(options: StoreOptions): Store {
  const root = open<Buffer, Buffer>({
    path: options.path,
    noSubdir: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    maxDbs: 4,
    maxReaders: 510,
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: !options.durable,
  })
  const tables = openTables(root)
  const data = dataOf(tables)
  const isSynchronous = options.isPrivate && !options.durable
  const moves = new Moves(options)
  const send = <Result>(work: (data: Data) => Result) =>
    isSynchronous ? root.transactionSync(() => work(data)) : committed(root.childTransaction(() => work(data)))
  return {
    path: options.path,
    data,
    write: work => moves.written(work, send),
    snapshot: () => snapshotOf(root, tables, moves.now()),
    size: () => sizeOf(root),
    close: () => root.close(),
  }
}

/** A failed commit says its reason in a promise of its own. */
async function committed<Result>(writing: Promise<Result>): Promise<Result> {
  try {
    return await writing
  } catch (error) {
    await (error as { readonly commitError?: Promise<never> }).commitError
    throw error
  }
}

function snapshotOf(root: RootDatabase<Buffer, Buffer>, tables: Tables, taken: Moment): Snapshot {
  root.resetReadTxn()
  const transaction = root.useReadTransaction() as Transaction & { done(): void }
  return { data: dataOf(tables, transaction), taken, release: () => transaction.done() }
}

function sizeOf(root: RootDatabase<Buffer, Buffer>): number {
  const stats = root.getStats() as { root?: { pageSize?: number }; lastPageNumber?: number }
  return (stats.root?.pageSize ?? 4096) * ((stats.lastPageNumber ?? 0) + 1)
}
