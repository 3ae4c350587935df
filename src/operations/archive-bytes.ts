// Stored documents as bytes: read in batches, told apart by their _id, compared by digest.
import { hash } from 'node:crypto'
import { BSON, type Document, type FindOptions } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { currentTransaction } from '../runtime/context.ts'
import { run } from '../runtime/execute.ts'
import { endOfValue } from './formats/stored-walk.ts'

/** Decoding that keeps every type: what is encoded again is what is stored. */
export const exactly = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

/** Digests of documents, by the keys of their ids. */
export type Digests = ReadonlyMap<string, string>

/** Reads the bytes of documents that a filter finds by their ids, a batch at a time; outside of a transaction, by majority. */
export async function eachStored(
  definition: ModelDefinition,
  filter: Document,
  each: (bytes: Uint8Array) => void,
  options: FindOptions = {},
): Promise<void> {
  const concern = currentTransaction() ? {} : { readConcern: 'majority' as const }
  await run(definition, { operation: 'archive', filter }, async (collection, session) => {
    const cursor = collection.find(filter, {
      raw: true,
      batchSize: 1000,
      hint: '_id_',
      ...concern,
      ...options,
      ...session,
    })
    try {
      while (await cursor.hasNext()) cursor.readBufferedDocuments().forEach(found => void each(found as never))
    } finally {
      await cursor.close()
    }
  })
}

/** Reads the digests of documents; `fields` limits them to the marks that tell of a change. */
export async function digestsOf(
  definition: ModelDefinition,
  filter: Document,
  fields?: readonly string[],
): Promise<Digests> {
  const digests = new Map<string, string>()
  const projection = fields && { projection: Object.fromEntries(['_id', ...fields].map(name => [name, 1])) }
  await eachStored(definition, filter, bytes => digests.set(keyOf(bytes), digestOf(bytes)), projection)
  return digests
}

/** Tells which of some documents are there, by the keys of their ids. */
export async function idsThere(definition: ModelDefinition, ids: readonly unknown[]): Promise<ReadonlySet<string>> {
  const there = new Set<string>()
  const projection = { projection: { _id: 1 } }
  await eachStored(definition, { _id: { $in: ids } }, bytes => there.add(keyOf(bytes)), projection)
  return there
}

/** Gives the digest of stored bytes. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64')
}

/** Gives the key of a stored document: the type and the bytes of its _id. */
export function keyOf(bytes: Uint8Array): string {
  const buffer = bytes as Buffer
  // A server puts _id first, as "\x00<type>_id\0<value>".
  if (buffer[5] !== 0x5f || buffer[6] !== 0x69 || buffer[7] !== 0x64 || buffer[8] !== 0)
    return keyOfId(BSON.deserialize(bytes, exactly)._id)
  const type = buffer[4]!
  return buffer.toString('latin1', 4, endOfValue(buffer, type, 9))
}

/** Gives the key of an _id that was decoded exactly. */
export function keyOfId(id: unknown): string {
  return keyOf(Buffer.from(BSON.serialize({ _id: id }, { ignoreUndefined: false })))
}
