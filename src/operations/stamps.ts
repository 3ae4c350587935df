// Stamps: on a server without transactions they say which run has changed a document, until its batch is complete.
import { type AnyBulkWriteOperation, type Document, MongoServerError } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { SentUpdate } from '../models/update.ts'
import { run as send } from '../runtime/execute.ts'
import { batchFilter, idOf, readBatch } from './bulk-batch.ts'
import { exactDocument, idKey, rawFields } from './raw-fields.ts'
import type { Run } from './run-work.ts'

/** A batch of a run whose documents are changed one by one. */
export interface Stamping {
  readonly run: Run
  readonly definition: ModelDefinition
  readonly seq: number
  /** The top-level fields that the images hold; null for whole documents. */
  readonly touched: readonly string[] | null
}

/** One change: of the document that these bytes are; none removes it. */
export interface StampedWrite {
  readonly bytes: Uint8Array
  readonly update: SentUpdate | undefined
}

const STAMP = '_goose'

/** Changes each document while it is what its image says, and only once. Gives the error of those that were refused. */
export async function writeStamped(stamping: Stamping, writes: readonly StampedWrite[]): Promise<unknown> {
  if (writes.length === 0) return undefined
  const { run, definition, seq, touched } = stamping
  const operations = writes.map(({ bytes, update }): AnyBulkWriteOperation => {
    const filter = {
      _id: idOf(bytes) as never,
      [`${STAMP}.run`]: { $ne: run.id },
      $expr: { $and: unchanged(bytes, touched) },
    }
    return update ? { updateOne: { filter, update: stamped(update, { run: run.id, seq }) } } : { deleteOne: { filter } }
  })
  return refusalOf(() =>
    send(definition, { operation: 'updateMany', filter: {} }, (collection, session) =>
      collection.bulkWrite(operations, { ordered: false, ...session }),
    ),
  )
}

/** Reads the documents that the batch has changed, without their stamps. */
export async function readStamped(
  { run, definition, seq, touched }: Stamping,
  mine: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  if (mine.length === 0) return []
  const filter = { ...batchFilter(mine), [`${STAMP}.run`]: run.id, [`${STAMP}.seq`]: seq }
  const projection = touched ? Object.fromEntries(['_id', ...touched].map(name => [name, 1])) : { [STAMP]: 0 }
  return send(
    definition,
    { operation: 'find', filter },
    async (collection, session) =>
      (await collection
        .find(filter, { raw: true, projection, ...session })
        .sort({ _id: 1 })
        .toArray()) as unknown as Uint8Array[],
  )
}

/** Reads which documents of a batch are still there, by their keys. */
export async function keysThere(
  definition: ModelDefinition,
  mine: readonly Uint8Array[],
): Promise<ReadonlySet<string>> {
  return new Set(mine.length === 0 ? [] : (await readBatch(definition, batchFilter(mine), [])).map(idKey))
}

/** Takes the stamps off, when everything about the batch is stored. */
export async function unstamp({ run, definition }: Stamping, mine: readonly Uint8Array[]): Promise<void> {
  if (mine.length === 0) return
  const filter = { ...batchFilter(mine), [`${STAMP}.run`]: run.id }
  await send(definition, { operation: 'updateMany', filter }, (collection, session) =>
    collection.updateMany(filter, { $unset: { [STAMP]: 1 } }, session),
  )
}

/** Does a write, and gives the error when the server has refused documents of it; a lost connection is thrown. */
export async function refusalOf(write: () => Promise<unknown>): Promise<unknown> {
  try {
    await write()
    return undefined
  } catch (error) {
    const cause = error instanceof GooseError ? error.cause : error
    if (cause instanceof MongoServerError && 'writeErrors' in cause && [cause.writeErrors].flat().length > 0)
      return error
    throw error
  }
}

function unchanged(bytes: Uint8Array, touched: readonly string[] | null): readonly Document[] {
  const document = exactDocument(bytes) as Document | ReadonlyMap<string, unknown>
  const value = (name: string) => (document instanceof Map ? document.get(name) : (document as Document)[name])
  const there = rawFields(bytes)
  return (touched ?? [...there.keys()]).map(name =>
    there.has(name)
      ? { $eq: [{ $getField: name }, { $literal: value(name) }] }
      : { $eq: [{ $type: { $getField: name } }, 'missing'] },
  )
}

function stamped(update: SentUpdate, stamp: Document): Document | Document[] {
  if (Array.isArray(update)) return [...update, { $set: { [STAMP]: { $literal: stamp } } }]
  return { ...update, $set: { ...(update.$set as Document | undefined), [STAMP]: stamp } }
}
