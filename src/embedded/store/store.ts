// Opens a data folder in LMDB, reads it and writes it in transactions shared by all who write at once.
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import {
  type Data,
  type Documents,
  type DocumentTest,
  type Entries,
  type Entry,
  type EntryRange,
  LAST_RECORD,
  type RecordRange,
  type StoredDocument,
} from './data.ts'

export interface StoreOptions {
  readonly path: string
  /** whether a write is acknowledged only after it reached the disk */
  readonly durable: boolean
  /** whether no other process can know the folder */
  readonly isPrivate: boolean
}

export interface Snapshot {
  readonly data: Data
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
  return {
    path: options.path,
    data,
    write: async work =>
      isSynchronous ? root.transactionSync(() => work(data)) : committed(root.childTransaction(() => work(data))),
    snapshot: () => snapshotOf(root, tables),
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

interface DocumentKey {
  readonly collection: number
  readonly record: number
}

interface Tables {
  readonly documents: Database<Buffer, never>
  readonly entries: Database<Buffer, Buffer>
  readonly meta: Database<Buffer, Buffer>
}

/** Lets reads give lmdb's own buffer, which the next read overwrites, instead of a copy. */
function openTables(root: RootDatabase<Buffer, Buffer>): Tables {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const
  const documentKeys = { encoding: 'binary', keyEncoder: { writeKey: writeDocumentKey, readKey: readRecord } }
  const tables = {
    meta: root.openDB<Buffer, Buffer>('meta', binary),
    documents: root.openDB<Buffer, never>('docs', documentKeys as object),
    entries: root.openDB<Buffer, Buffer>('idx', binary),
  }
  Object.assign(tables.documents, { decoder: { decode: (bytes: Buffer) => bytes }, decoderCopies: true })
  const sized = { decode: (bytes: Buffer) => bytes.subarray(0, bytes.length) }
  for (const table of [tables.meta, tables.entries]) Object.assign(table, { decoder: sized, decoderCopies: true })
  return tables
}

interface KeyTarget extends Buffer {
  dataView?: DataView
}

function writeDocumentKey(key: DocumentKey, target: KeyTarget, start: number): number {
  target.dataView ??= new DataView(target.buffer, target.byteOffset, target.byteLength)
  target.dataView.setUint32(start, key.collection)
  target.dataView.setUint16(start + 4, Math.floor(key.record / 2 ** 32))
  target.dataView.setUint32(start + 6, key.record >>> 0)
  return start + 10
}

function readRecord(bytes: Buffer, start: number): number {
  return bytes.readUIntBE(start + 4, 6)
}

function dataOf(tables: Tables, transaction?: Transaction): Data {
  return {
    documents: new LmdbDocuments(tables.documents, transaction),
    entries: new LmdbEntries(tables.entries, transaction),
    meta: new LmdbEntries(tables.meta, transaction),
  }
}

type ReadOptions = { transaction: Transaction } | undefined

class LmdbDocuments implements Documents {
  readonly #table: Database<Buffer, DocumentKey & never>
  readonly #options: ReadOptions
  readonly #key = { collection: 0, record: 0 }

  constructor(table: Database<Buffer, never>, transaction: Transaction | undefined) {
    this.#table = table
    this.#options = transaction && { transaction }
  }

  get(collection: number, record: number): Buffer | undefined {
    return this.#table.get(this.#keyOf(collection, record), this.#options)
  }

  range(collection: number, range: RecordRange): Iterable<StoredDocument> {
    const { from = 0, to = LAST_RECORD, reverse = false, where } = range
    const bounds = boundsOf({ collection, record: from }, { collection, record: to }, reverse)
    const found = this.#table.getRange({ ...bounds, ...this.#options } as object)
    return {
      [Symbol.iterator]: () => documentsOf(found[Symbol.iterator](), where),
    }
  }

  count(collection: number): number {
    const bounds = boundsOf({ collection, record: 0 }, { collection, record: LAST_RECORD }, false)
    return this.#table.getKeysCount({ ...bounds, ...this.#options } as object)
  }

  nextRecord(collection: number): number {
    for (const { record } of this.range(collection, { reverse: true })) return record + 1
    return 1
  }

  put(collection: number, record: number, bytes: Buffer): void {
    this.#table.putSync(this.#keyOf(collection, record), bytes)
  }

  remove(collection: number, record: number): void {
    this.#table.removeSync(this.#keyOf(collection, record))
  }

  /** The key is used up before the call that takes it returns, so one object serves all. */
  #keyOf(collection: number, record: number): never {
    this.#key.collection = collection
    this.#key.record = record
    return this.#key as never
  }
}

/** Gives lmdb's entries as documents, in one object that changes from step to step. */
function documentsOf(
  iterator: Iterator<{ key: unknown; value: Buffer }>,
  where: DocumentTest = () => true,
): Iterator<StoredDocument> {
  const step = { done: false as const, value: { record: 0, bytes: undefined as unknown as Buffer } }
  return {
    next() {
      let { done, value } = iterator.next()
      while (!done && !where(value.value)) ({ done, value } = iterator.next())
      if (done) return { done: true, value: undefined }
      step.value.record = value.key as number
      step.value.bytes = value.value
      return step
    },
    return() {
      iterator.return?.()
      return { done: true, value: undefined }
    },
  }
}

class LmdbEntries implements Entries {
  readonly #table: Database<Buffer, Buffer>
  readonly #options: ReadOptions

  constructor(table: Database<Buffer, Buffer>, transaction: Transaction | undefined) {
    this.#table = table
    this.#options = transaction && { transaction }
  }

  get(key: Buffer): Buffer | undefined {
    return this.#table.get(key, this.#options)
  }

  range({ from, to, reverse = false }: EntryRange): Iterable<Entry> {
    return this.#table.getRange({ ...boundsOf(from, to, reverse), ...this.#options } as object)
  }

  put(key: Buffer, value: Buffer): void {
    this.#table.putSync(key, value)
  }

  remove(key: Buffer): void {
    this.#table.removeSync(key)
  }
}

/** Both ways a range begins at `from` and stops before `to`. */
function boundsOf<Key>(from: Key, to: Key, reverse: boolean): object {
  if (!reverse) return { start: from, end: to }
  return { start: to, end: from, reverse, exclusiveStart: true, inclusiveEnd: true }
}

function snapshotOf(root: RootDatabase<Buffer, Buffer>, tables: Tables): Snapshot {
  root.resetReadTxn()
  const transaction = root.useReadTransaction() as Transaction & { done(): void }
  return { data: dataOf(tables, transaction), release: () => transaction.done() }
}

function sizeOf(root: RootDatabase<Buffer, Buffer>): number {
  const stats = root.getStats() as { root?: { pageSize?: number }; lastPageNumber?: number }
  return (stats.root?.pageSize ?? 4096) * ((stats.lastPageNumber ?? 0) + 1)
}
