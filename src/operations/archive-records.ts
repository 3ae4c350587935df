// The book of archives: which documents each run has moved where, with their digests.
import { Binary, type Collection, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { connectionOf } from '../runtime/connection.ts'
import { currentTransaction } from '../runtime/context.ts'
import { exactly, keyOfId } from './archive-bytes.ts'
import type { Note } from './run-document.ts'

/** The collection of the book, in the database the documents come from. */
const ARCHIVES = '_goose_archives'

/** A document that stayed, and why. */
export interface Kept extends Note {
  readonly _id: unknown
}

/** One batch of a run, as it is stored. */
export interface ArchiveRecord {
  readonly _id: string
  readonly run: string
  readonly op: string
  readonly kind: 'archive' | 'restore'
  readonly model: string
  readonly collection: string
  /** The place, as it is written. */
  readonly to: string
  readonly number: number
  readonly at: Date
  /** Written before anything is copied, and again when all is done. */
  readonly state: 'copying' | 'done'
  /** While copying, those to be copied; then those that are in the archive because of this run. */
  readonly ids: readonly unknown[]
  /** The digests of these, 32 bytes each; none where only marks were compared. */
  readonly digests?: Binary
  /** Those that were in the archive before. */
  readonly there: readonly unknown[]
  readonly kept: readonly Kept[]
  /** Copies that are to be taken out of the archive again. */
  readonly stale: readonly unknown[]
  /** The key of the last document of the batch. */
  readonly last?: Binary
  readonly restored?: number
}

/** What all records of a run say. */
export type RecordHead = Pick<ArchiveRecord, 'run' | 'op' | 'kind' | 'model' | 'collection' | 'to'>

/** Gives the book of the database of a model; its documents are read with their types as they are. */
export async function bookOf(definition: Pick<ModelDefinition, 'connection'>): Promise<Collection<ArchiveRecord>> {
  const { db } = await connectionOf(definition.connection)
  return db.collection<ArchiveRecord>(ARCHIVES, { writeConcern: { w: 'majority' }, ...exactly })
}

/** Notes what is about to be copied. */
export async function noteIntent(
  definition: ModelDefinition,
  head: RecordHead,
  batch: Pick<ArchiveRecord, 'number' | 'ids' | 'there'> & { readonly last: Uint8Array | undefined },
): Promise<void> {
  const { last, ...rest } = batch
  const record: ArchiveRecord = {
    _id: recordId(head.run, batch.number),
    ...head,
    ...rest,
    at: new Date(),
    state: 'copying',
    kept: [],
    stale: [],
    ...(last ? { last: new Binary(last) } : {}),
  }
  await (await bookOf(definition)).replaceOne({ _id: record._id }, record as never, { upsert: true })
}

/** Changes a record, in the transaction that is open. */
export async function changeRecord(
  definition: ModelDefinition,
  id: { readonly run: string; readonly number: number },
  change: Partial<Omit<ArchiveRecord, '_id'>>,
): Promise<void> {
  const session = currentTransaction()?.session
  const book = await bookOf(definition)
  await book.updateOne(
    { _id: recordId(id.run, id.number) },
    { $set: change as Document },
    session ? { session, writeConcern: undefined as never } : {},
  )
}

/** Gives the record of one batch. */
export async function recordOf(
  definition: ModelDefinition,
  run: string,
  number: number,
): Promise<ArchiveRecord | undefined> {
  return plainNumbers(await (await bookOf(definition)).findOne({ _id: recordId(run, number) }))
}

/** Reads records in the order they were written. */
export async function* recordsOf(definition: ModelDefinition, filter: Document): AsyncGenerator<ArchiveRecord> {
  const book = await bookOf(definition)
  for await (const record of book.find(filter).sort({ _id: 1 })) yield plainNumbers(record)!
}

/** Gives the digest of each document of a record, where it holds them. */
export function digestsIn(record: ArchiveRecord): ReadonlyMap<string, string> {
  const { digests } = record
  if (!digests) return new Map()
  const bytes = Buffer.from(digests.buffer)
  return new Map(
    record.ids.map((id, index) => [keyOfId(id), bytes.subarray(index * 32, index * 32 + 32).toString('base64')]),
  )
}

/** Packs the digests of documents, in their order. */
export function packedDigests(
  entries: readonly { readonly key: string }[],
  digests: ReadonlyMap<string, string>,
): Binary {
  return new Binary(Buffer.concat(entries.map(({ key }) => Buffer.from(digests.get(key) ?? '', 'base64'))))
}

function recordId(run: string, number: number): string {
  return `${run}:${String(number).padStart(9, '0')}`
}

// Ids keep their types; what goose counts itself becomes plain.
function plainNumbers(record: ArchiveRecord | null): ArchiveRecord | undefined {
  if (!record) return undefined
  const restored = record.restored === undefined ? {} : { restored: Number(record.restored) }
  return { ...record, number: Number(record.number), ...restored }
}

/** Takes documents that have gone back out of the records of a place. */
export async function noteRestored(
  definition: ModelDefinition,
  to: string,
  back: readonly { readonly id: unknown; readonly key: string }[],
): Promise<void> {
  if (back.length === 0) return
  const session = currentTransaction()?.session
  const book = await bookOf(definition)
  const keys = new Set(back.map(({ key }) => key))
  const filter = { to, kind: 'archive' as const, ids: { $in: back.map(({ id }) => id) } }
  for (const found of await book.find(filter, session ? { session } : {}).toArray()) {
    const record = plainNumbers(found as ArchiveRecord)!
    const digests = digestsIn(record)
    const left = record.ids.map(id => ({ id, key: keyOfId(id) })).filter(({ key }) => !keys.has(key))
    const restored = (record.restored ?? 0) + record.ids.length - left.length
    await changeRecord(definition, record, {
      ids: left.map(({ id }) => id),
      restored,
      ...(record.digests ? { digests: packedDigests(left, digests) } : {}),
    })
  }
}
