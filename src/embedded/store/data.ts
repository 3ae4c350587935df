// Describes what lies in a data folder as three ordered tables, whoever holds them.

export interface StoredDocument {
  readonly record: number
  /** valid until the next read only */
  readonly bytes: Buffer
}

export interface Entry {
  readonly key: Buffer
  /** valid until the next read only */
  readonly value: Buffer
}

export interface RecordRange {
  /** the first record to give */
  readonly from?: number | undefined
  /** the record to stop before */
  readonly to?: number | undefined
  readonly reverse?: boolean
  /** leaves out the documents for whose bytes it gives false */
  readonly where?: DocumentTest | undefined
}

/** Takes bytes that are valid during the call only. */
export type DocumentTest = (bytes: Buffer) => boolean

export interface EntryRange {
  readonly from: Buffer
  /** the key to stop before */
  readonly to: Buffer
  readonly reverse?: boolean
}

/** Keeps documents by collection and record number, in the order of insertion. */
export interface Documents {
  /** gives the bytes, valid until the next read only */
  get(collection: number, record: number): Buffer | undefined
  range(collection: number, range: RecordRange): Iterable<StoredDocument>
  count(collection: number): number
  /** gives the number a new document of the collection takes */
  nextRecord(collection: number): number
  /** Puts a document under a number that `nextRecord` gave. Bytes that are put must not change again. */
  add(collection: number, record: number, bytes: Uint8Array): void
  /** Puts a document; `before` is what it was, where the caller has bytes of its own that say it. */
  put(collection: number, record: number, bytes: Uint8Array, before?: Buffer): void
  remove(collection: number, record: number, before?: Buffer): void
}

/** Keeps small values by keys in the order of their bytes. */
export interface Entries {
  /** gives the bytes, valid until the next read only */
  get(key: Buffer): Buffer | undefined
  range(range: EntryRange): Iterable<Entry>
  count(range: EntryRange): number
  /** Puts an entry unless its key is there, and says whether it did. */
  add(key: Buffer, value: Buffer): boolean
  put(key: Buffer, value: Buffer): void
  remove(key: Buffer): void
}

export interface Data {
  readonly documents: Documents
  /** index entries */
  readonly entries: Entries
  /** the catalog */
  readonly meta: Entries
  /** Notes a key of the catalog that must not change before a transaction commits. */
  watch?(key: Buffer): void
}

/** What a transaction did to one document or entry. */
export interface Change {
  /** what the snapshot has: null for nothing */
  readonly before: Buffer | null
  /** what the transaction leaves: null for nothing */
  after: Buffer | null
}

export const RECORD_BYTES = 6
/** Record numbers from here on are given out inside a transaction, and replaced when it commits. */
export const FIRST_PROVISIONAL_RECORD = 2 ** 47
export const LAST_RECORD = 2 ** 48 - 1

/** Copies the document that begins at `start` out of bytes that are about to change. */
export function copyOf(bytes: Uint8Array, start = 0): Buffer {
  const size = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24)
  const copy = Buffer.allocUnsafe(size)
  copy.set(bytes.subarray(start, start + size))
  return copy
}

export function recordBytes(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES)
  bytes.writeUIntBE(record, 0, RECORD_BYTES)
  return bytes
}

/** Reads the record number that ends at `end`. */
export function recordAt(bytes: Buffer, end: number): number {
  return bytes.readUIntBE(end - RECORD_BYTES, RECORD_BYTES)
}
