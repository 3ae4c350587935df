// The tables of a data folder in LMDB: documents by collection and number, entries by their keys.
import type { Database, PutOptions, RootDatabase, Transaction } from 'lmdb'
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

export interface Tables {
  readonly documents: Database<Buffer, never>
  readonly entries: Database<Buffer, Buffer>
  readonly meta: Database<Buffer, Buffer>
}

/** Lets reads give lmdb's own buffer, which the next read overwrites, instead of a copy. */
export function openTables(root: RootDatabase<Buffer, Buffer>): Tables {
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

export function dataOf(tables: Tables, transaction?: Transaction): Data {
  return {
    documents: new LmdbDocuments(tables.documents, transaction),
    entries: new LmdbEntries(tables.entries, transaction),
    meta: new LmdbEntries(tables.meta, transaction),
  }
}

interface DocumentKey {
  readonly collection: number
  readonly record: number
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

type ReadOptions = { transaction: Transaction } | undefined

class LmdbDocuments implements Documents {
  readonly #table: Database<Buffer, DocumentKey & never>
  readonly #options: ReadOptions
  readonly #appender: Appender<never>
  readonly #key = { collection: 0, record: 0 }

  constructor(table: Database<Buffer, never>, transaction: Transaction | undefined) {
    this.#table = table
    this.#appender = new Appender(table)
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

  add(collection: number, record: number, bytes: Buffer): void {
    const key = this.#keyOf(collection, record)
    if (!this.#appender.put(collection, key, bytes)) this.#table.putSync(key, bytes)
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
  readonly #appender: Appender<Buffer>
  readonly #options: ReadOptions

  constructor(table: Database<Buffer, Buffer>, transaction: Transaction | undefined) {
    this.#table = table
    this.#appender = new Appender(table)
    this.#options = transaction && { transaction }
  }

  get(key: Buffer): Buffer | undefined {
    return this.#table.get(key, this.#options)
  }

  range({ from, to, reverse = false }: EntryRange): Iterable<Entry> {
    return this.#table.getRange({ ...boundsOf(from, to, reverse), ...this.#options } as object)
  }

  count({ from, to }: EntryRange): number {
    return this.#table.getKeysCount({ ...boundsOf(from, to, false), ...this.#options } as object)
  }

  add(key: Buffer, value: Buffer): boolean {
    return this.#appender.put(key.readUInt32BE(), key, value) || isPut(this.#table.putSync(key, value, NEW))
  }

  put(key: Buffer, value: Buffer): void {
    this.#table.putSync(key, value)
  }

  remove(key: Buffer): void {
    this.#table.removeSync(key)
  }
}

const AT_END = { append: true }
const NEW = { noOverwrite: true } as PutOptions

/** With such options lmdb says whether it put anything; its types do not. */
function isPut(result: unknown): boolean {
  return result === true
}

/** Puts what comes after all else of a table, which fills its pages to the end and takes no search. */
class Appender<Key extends Buffer> {
  readonly #table: Database<Buffer, Key>
  /** the parts of the table in which something had to be put elsewhere */
  readonly #unordered = new Set<number>()

  constructor(table: Database<Buffer, Key>) {
    this.#table = table
  }

  /** Gives false, and puts nothing, where the key is not the last; then it is not tried again in that part. */
  put(part: number, key: Key, value: Buffer): boolean {
    if (this.#unordered.has(part)) return false
    const isLast = isPut(this.#table.putSync(key, value, AT_END))
    if (!isLast) this.#unordered.add(part)
    return isLast
  }
}

/** Both ways a range begins at `from` and stops before `to`. */
function boundsOf<Key>(from: Key, to: Key, reverse: boolean): object {
  if (!reverse) return { start: from, end: to }
  return { start: to, end: from, reverse, exclusiveStart: true, inclusiveEnd: true }
}
