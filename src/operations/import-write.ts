// Writes a batch of imported documents in one command, and says which of them could not be written.
import { type AnyBulkWriteOperation, BSON, type Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { settingsOf } from '../models/settings.ts'
import { currentTransaction, operationId } from '../runtime/context.ts'
import { explained } from '../runtime/driver-error.ts'
import { run } from '../runtime/execute.ts'
import { type StoredMap, valueAt } from './formats/stored-map.ts'
import { sealedFor } from './import-sealing.ts'

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
  /** -1 where the server has refused the whole batch, as some do in transactions, and does not say for which one. */
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
  const ready = await encrypted(writing, documents)
  const operations = ready.map(document => operationOf(writing, document))
  try {
    const result = await run(definition, { operation: `import ${writing.mode}`, filter: {} }, (collection, session) =>
      collection.bulkWrite(operations, { ordered: isOrdered, ...session }),
    )
    return { counts: countsOf(result), refusals: [] }
  } catch (error) {
    const failure = bulkFailure(error)
    if (!failure) return { counts: {}, refusals: [refusalOfAll(definition, error, documents)] }
    const refusals = failure.writeErrors.map(one => refusalOf(definition, one))
    return { counts: countsOf(failure.result), refusals }
  }
}

/** Gives the filter that finds the stored document that is meant. */
export function filterFor(key: readonly string[], document: StoredMap): Document {
  return Object.fromEntries(key.map(path => [path, { $eq: valueAt(document, path) }]))
}

/** Says of a document that another one has its unique value. */
export function duplicateProblem(definition: ModelDefinition, keyValue?: Document, sentence = ''): string {
  const error = Object.assign(new Error(sentence), { code: 11000, ...(keyValue ? { keyValue } : {}) })
  return (explained(error, definition) as Error).message
}

// Where the key is not _id, only the stored document says which _id the ciphertext is to belong to.
async function encrypted(
  { definition, mode, key }: Writing,
  documents: readonly StoredMap[],
): Promise<readonly StoredMap[]> {
  if (mode === 'insert' || mode === 'delete' || key.includes('_id') || encryptedFields(definition).length === 0)
    return documents
  const ready: StoredMap[] = []
  for (const document of documents) ready.push(await sealedFor(definition, document, filterFor(key, document)))
  return ready
}

function operationOf(writing: Writing, document: StoredMap): AnyBulkWriteOperation<Document> {
  const { mode, key, definition } = writing
  // The driver writes a Map as a document; its types know only objects.
  const stored = document as unknown as Document
  if (mode === 'insert') return { insertOne: { document: stored } }
  const filter = filterFor(key, document)
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

// What servers answer to a replacement with another _id.
const OTHER_ID = 66

// What one document alone is refused for: its keys, its size, its form, a validator, an index that cannot take it.
const faultsOfDocuments = new Set([2, 9, 14, 28, 52, 57, OTHER_ID, 121, 171, 10334, 11000, 16755, 17280])

function refusalOfAll(definition: ModelDefinition, error: unknown, documents: readonly StoredMap[]): Refusal {
  const cause = (error instanceof GooseError ? error.cause : error) as Partial<WriteError> & {
    readonly keyValue?: Record<string, unknown>
    readonly message?: string
  }
  if (!currentTransaction() || !faultsOfDocuments.has(Number(cause.code))) throw error
  const { keyValue, message = '', code } = cause
  const isHit = (document: StoredMap) =>
    Object.entries(keyValue ?? {}).every(([path, value]) => isSame(valueAt(document, path), value))
  // Two of the batch may have the same key: then it was the second one that was refused.
  const hits = keyValue ? documents.flatMap((document, i) => (isHit(document) ? [i] : [])) : []
  const index = hits.length === 1 ? hits[0]! : documents.length === 1 ? 0 : -1
  return refusalOf(definition, {
    index,
    errmsg: message,
    ...(code === undefined ? {} : { code }),
    ...(keyValue ? { err: { keyValue } } : {}),
  })
}

function isSame(one: unknown, other: unknown): boolean {
  return Buffer.from(BSON.serialize({ v: one })).equals(BSON.serialize({ v: other }))
}

function refusalOf(definition: ModelDefinition, { index, code, errmsg = '', err }: WriteError): Refusal {
  if (code === 11000) return { index, problem: duplicateProblem(definition, err?.keyValue, errmsg), isDuplicate: true }
  const problem = code === OTHER_ID ? 'the stored document that its key finds has another _id' : errmsg
  return { index, problem, isDuplicate: false }
}
