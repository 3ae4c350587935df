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

/** Documents that are named by their ids; `keys` are the keys of these, in their order. */
export interface Named {
  readonly ids: readonly unknown[]
  readonly keys: readonly string[]
  /** Those that do not match it are not read. */
  readonly filter?: Document
}

/** What was read of named documents. */
export interface NamedRead {
  /** The ids from the first to the last, where nothing else lies between them that matches. */
  readonly range: Document | undefined
}

// Collections where the documents of a batch lie far apart.
const scattered = new WeakSet<ModelDefinition>()

/** Says that the documents of a batch do not lie together: from here on they are named one by one. */
export function scatter(definition: ModelDefinition): void {
  scattered.add(definition)
}

/** Reads named documents; those that lie together by their range, which is far quicker than one by one. A document may come twice. */
export async function eachNamed(
  definition: ModelDefinition,
  { ids, keys, filter = {} }: Named,
  each: (key: string, bytes: Uint8Array) => void,
  options: FindOptions = {},
): Promise<NamedRead> {
  const range = scattered.has(definition) ? undefined : rangeOf(ids, keys)
  // All of them come with one answer, as far as that may be.
  const inOne = { ...options, batchSize: ids.length + 1 }
  if (range) {
    const wanted = new Set(keys)
    const most = ids.length * 2
    let [found, others] = [0, 0]
    const take = (bytes: Uint8Array) => {
      const key = keyOf(bytes)
      found += 1
      if (wanted.has(key)) each(key, bytes)
      else others += 1
    }
    await eachStored(definition, { $and: [{ _id: range }, filter] }, take, { ...inOne, limit: most + 1 })
    if (found <= most) return { range: others === 0 ? range : undefined }
    scattered.add(definition)
  }
  const narrowed = { $and: [{ _id: { $in: ids } }, filter] }
  await eachStored(definition, narrowed, bytes => each(keyOf(bytes), bytes), inOne)
  return { range: undefined }
}

const OBJECT_ID = 7
const FEW = 20

// Of object ids, whose keys are in the same order as they are.
function rangeOf(ids: readonly unknown[], keys: readonly string[]): Document | undefined {
  if (ids.length < FEW) return undefined
  let [first, last] = [0, 0]
  for (const [i, key] of keys.entries()) {
    if (key.charCodeAt(0) !== OBJECT_ID) return undefined
    if (key < keys[first]!) first = i
    if (key > keys[last]!) last = i
  }
  return { $gte: ids[first], $lte: ids[last] }
}

/** Reads the digests of named documents; `fields` limits them to the marks that tell of a change. */
export async function digestsNamed(
  definition: ModelDefinition,
  named: Named,
  fields?: readonly string[],
): Promise<Digests> {
  const digests = new Map<string, string>()
  await eachNamed(definition, named, (key, bytes) => digests.set(key, digestOf(bytes)), showing(fields))
  return digests
}

/** Tells which of named documents are there, by their keys. */
export async function keysThere(definition: ModelDefinition, named: Named): Promise<ReadonlySet<string>> {
  const there = new Set<string>()
  await eachNamed(definition, named, key => there.add(key), showing([]))
  return there
}

/** Limits what is read to the _id and some fields. */
export function showing(fields: readonly string[] | undefined): FindOptions {
  return fields ? { projection: Object.fromEntries(['_id', ...fields].map(name => [name, 1])) } : {}
}

/** Reads the digests of documents; `fields` limits them to the marks that tell of a change. */
export async function digestsOf(
  definition: ModelDefinition,
  filter: Document,
  fields?: readonly string[],
): Promise<Digests> {
  const digests = new Map<string, string>()
  await eachStored(definition, filter, bytes => digests.set(keyOf(bytes), digestOf(bytes)), showing(fields))
  return digests
}

/** Tells which of some documents are there, by the keys of their ids. */
export async function idsThere(definition: ModelDefinition, ids: readonly unknown[]): Promise<ReadonlySet<string>> {
  const there = new Set<string>()
  await eachStored(definition, { _id: { $in: ids } }, bytes => there.add(keyOf(bytes)), showing([]))
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
