// Writes a batch of imported documents in one command, and says which of them could not be written.
import { type AnyBulkWriteOperation, BSON, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { settingsOf } from '../models/settings.ts'
import { operationId } from '../runtime/context.ts'
import { explained } from '../runtime/driver-error.ts'
import { run } from '../runtime/execute.ts'
import { type StoredMap, storedMap } from './formats/stored-map.ts'

/** What becomes of a document of the file. */
export type ImportMode = 'insert' | 'upsert' | 'merge' | 'delete'

/** How a batch is written. */
export interface Writing {
  readonly definition: ModelDefinition
  readonly mode: ImportMode
  /** The paths that tell which stored document is meant. */
  readonly key: readonly string[]
  /** Whether nothing after a document that cannot be written is written. */
  readonly isOrdered: boolean
}

/** A document that could not be written, by its place in the batch. */
export interface Refusal {
  readonly index: number
  readonly problem: string
  readonly isDuplicate: boolean
}

/** What a batch has done. */
export interface Written {
  readonly counts: Readonly<Record<string, number>>
  readonly refusals: readonly Refusal[]
}

/** Writes documents; what single ones are refused for is given, all else is thrown. */
export async function writeBatch(writing: Writing, documents: readonly StoredMap[]): Promise<Written> {
  if (documents.length === 0) return { counts: {}, refusals: [] }
  const { definition, isOrdered } = writing
  const operations = documents.map(document => operationOf(writing, document))
  try {
    const result = await run(definition, { operation: `import ${writing.mode}`, filter: {} }, (collection, session) =>
      collection.bulkWrite(operations, { ordered: isOrdered, ...session }),
    )
    return { counts: countsOf(result), refusals: [] }
  } catch (error) {
    const failure = bulkFailure(error)
    if (!failure) throw error
    const refusals = failure.writeErrors.map(one => refusalOf(definition, one))
    return { counts: countsOf(failure.result), refusals }
  }
}

/** Gives the filter that finds the stored document that is meant; nothing where a key is missing. */
export function filterFor(key: readonly string[], document: StoredMap): Document | undefined {
  const entries = key.map(path => [path, atPath(document, path.split('.'))] as const)
  return entries.some(([, value]) => value === undefined)
    ? undefined
    : Object.fromEntries(entries.map(([path, value]) => [path, { $eq: value }]))
}

function atPath(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value
  return value instanceof Map ? atPath(value.get(name), rest) : undefined
}

function operationOf(writing: Writing, document: StoredMap): AnyBulkWriteOperation<Document> {
  const { mode, key, definition } = writing
  // The driver writes a Map as a document; its types know only objects.
  const stored = document as unknown as Document
  if (mode === 'insert') return { insertOne: { document: stored } }
  const filter = filterFor(key, document)!
  if (mode === 'delete') return deletion(definition, filter)
  if (mode === 'upsert') return { replaceOne: { filter, replacement: stored, upsert: true } }
  return { updateOne: { filter, update: mergeOf(definition, key, document), upsert: true } }
}

// A model that keeps its deleted documents keeps these, too.
function deletion(definition: ModelDefinition, filter: Document): AnyBulkWriteOperation<Document> {
  const { softDelete } = settingsOf(definition)
  if (!softDelete) return { deleteOne: { filter } }
  const update = { $set: { [softDelete.field]: new Date(), deletion: { op: operationId() } } }
  return { updateOne: { filter: { ...filter, [softDelete.field]: null }, update } }
}

function mergeOf(definition: ModelDefinition, key: readonly string[], document: StoredMap): Document {
  const { updatedAt, createdAt, version } = settingsOf(definition)
  const fields = [...document].filter(([name]) => name !== '_id' && !key.includes(name))
  const id = document.get('_id')
  const first = {
    ...(id === undefined || key.includes('_id') ? {} : { _id: id }),
    ...(createdAt && !document.has(createdAt) ? { [createdAt]: new Date() } : {}),
  }
  return {
    ...(fields.length > 0 ? { $set: new Map(fields) } : {}),
    ...(Object.keys(first).length > 0 ? { $setOnInsert: first } : {}),
    ...(updatedAt && !document.has(updatedAt) ? { $currentDate: { [updatedAt]: true } } : {}),
    ...(version && !document.has(version) ? { $inc: { [version]: 1 } } : {}),
    ...(fields.length === 0 && Object.keys(first).length === 0 && !updatedAt && !version ? { $setOnInsert: {} } : {}),
  }
}

interface BulkResult {
  readonly insertedCount?: number
  readonly modifiedCount?: number
  readonly upsertedCount?: number
  readonly deletedCount?: number
  readonly matchedCount?: number
}

function countsOf(result: BulkResult): Record<string, number> {
  const inserted = (result.insertedCount ?? 0) + (result.upsertedCount ?? 0)
  const counts = { inserted, changed: result.modifiedCount ?? 0, deleted: result.deletedCount ?? 0 }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

interface WriteError {
  readonly index: number
  readonly code?: number
  readonly errmsg?: string
  readonly err?: { readonly keyValue?: Record<string, unknown> }
}

interface BulkFailure {
  readonly writeErrors: readonly WriteError[]
  readonly result: BulkResult
}

function bulkFailure(error: unknown): BulkFailure | undefined {
  for (let at = error as { cause?: unknown } | undefined; at; at = at.cause as never) {
    const { writeErrors, result } = at as { writeErrors?: unknown; result?: unknown }
    const errors = [writeErrors ?? []].flat() as WriteError[]
    if (errors.length > 0 && result) return { writeErrors: errors, result: result as BulkResult }
  }
  return undefined
}

function refusalOf(definition: ModelDefinition, { index, code, errmsg = '', err }: WriteError): Refusal {
  if (code !== 11000) return { index, problem: errmsg, isDuplicate: false }
  const error = Object.assign(new Error(errmsg), { code, ...(err?.keyValue ? { keyValue: err.keyValue } : {}) })
  return { index, problem: (explained(error, definition) as Error).message, isDuplicate: true }
}

/** Tells which of some documents are stored already just as they are; ciphertext differs each time. */
export async function storedAlready(
  definition: ModelDefinition,
  documents: readonly StoredMap[],
): Promise<ReadonlySet<StoredMap>> {
  const ids = documents.map(document => document.get('_id'))
  const hidden = encryptedFields(definition).map(field => field.name)
  const textOf = (document: StoredMap) => {
    const shown = new Map([...document].filter(([name]) => !hidden.includes(name)))
    return Buffer.from(BSON.serialize(shown)).toString('latin1')
  }
  const found = await run(definition, { operation: 'find', filter: {} }, async (collection, session) =>
    collection.find({ _id: { $in: ids } } as never, { raw: true, ...session }).toArray(),
  )
  const stored = new Set((found as unknown as Uint8Array[]).map(bytes => textOf(storedMap(Buffer.from(bytes)))))
  return new Set(documents.filter(document => stored.has(textOf(document))))
}
