// Changes the catalog: creates, drops and renames collections, adds and drops indexes. Runs inside a write.
import { randomBytes } from 'node:crypto'
import { Binary, Int32 } from 'mongodb'
import { type Document, decodeDocument, type Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { forget } from './capped.ts'
import { type Collection, collectionKey, type Index, VERSION_KEY } from './catalog.ts'
import type { Data } from './data.ts'

const ID_KEY = Buffer.from('i')

export interface IndexEntry {
  readonly spec: Document
  readonly multikey: readonly string[]
  readonly truncated: boolean
}

/** Adds a collection with its index on _id, or a view, which has none. */
export function addCollection(
  data: Data,
  namespace: { readonly db: string; readonly name: string },
  options: Document,
): void {
  if (namespace.name.startsWith('system.') && namespace.name !== 'system.js')
    throw new CommandError('InvalidNamespace', `Invalid system namespace: ${namespace.db}.${namespace.name}`)
  const hasIds = !options.has('viewOn') && !options.has('timeseries')
  const indexes = hasIds ? [storedIndex(data, idIndex(options))] : []
  const stored: Document = new Map<string, Value>([
    ['id', nextId(data)],
    ['uuid', new Binary(uuidBytes(), 4)],
    ['options', options],
    ['indexes', indexes],
  ])
  putCollection(data, namespace, stored)
}

/** Takes a collection out of the catalog and leaves its documents and index entries to be removed later. */
export function dropCollection(data: Data, collection: Collection): void {
  data.meta.remove(collectionKey(collection.db, collection.name))
  if (!collection.view) discard(data, 'd', collection.id)
  forget(data, collection)
  for (const index of collection.indexes) discard(data, 'x', index.id)
  changeVersion(data)
}

/** Puts a collection without documents in its place, and leaves what it held to be removed later. */
export function emptyCollection(data: Data, collection: Collection): void {
  discard(data, 'd', collection.id)
  for (const { id } of collection.indexes) discard(data, 'x', id)
  const indexes = (collection.stored.get('indexes') as Document[]).map(index => new Map(index).set('id', nextId(data)))
  putCollection(data, collection, new Map(collection.stored).set('id', nextId(data)).set('indexes', indexes))
}

export function renameCollection(
  data: Data,
  collection: Collection,
  to: { readonly db: string; readonly name: string },
): void {
  data.meta.remove(collectionKey(collection.db, collection.name))
  putCollection(data, to, collection.stored)
}

export function setOptions(data: Data, collection: Collection, options: Document): void {
  putCollection(data, collection, new Map(collection.stored).set('options', options))
}

/** Adds indexes and gives their ids, in the same order. */
export function addIndexes(data: Data, collection: Collection, entries: readonly IndexEntry[]): readonly number[] {
  const added = entries.map(entry => storedIndex(data, entry))
  const indexes = [...(collection.stored.get('indexes') as Document[]), ...added]
  putCollection(data, collection, new Map(collection.stored).set('indexes', indexes))
  return added.map(index => Number(index.get('id')))
}

export function dropIndexes(data: Data, collection: Collection, dropped: readonly Index[]): void {
  const ids = new Set(dropped.map(index => index.id))
  for (const id of ids) discard(data, 'x', id)
  const indexes = (collection.stored.get('indexes') as Document[]).filter(index => !ids.has(Number(index.get('id'))))
  putCollection(data, collection, new Map(collection.stored).set('indexes', indexes))
}

/** Replaces what the catalog says of one index. */
export function changeIndex(data: Data, collection: Collection, changed: IndexEntry & { readonly id: number }): void {
  const key = collectionKey(collection.db, collection.name)
  const stored = decodeDocument(data.meta.get(key)!)
  const indexes = (stored.get('indexes') as Document[]).map(index =>
    Number(index.get('id')) === changed.id ? storedIndexOf(changed.id, changed) : index,
  )
  putCollection(data, collection, stored.set('indexes', indexes))
}

/** Puts an index without entries in the place of another, whose entries are left to be removed later. */
export function renewIndex(data: Data, collection: Collection, old: Index, entry: IndexEntry): void {
  discard(data, 'x', old.id)
  const indexes = (collection.stored.get('indexes') as Document[]).map(index =>
    Number(index.get('id')) === old.id ? storedIndex(data, entry) : index,
  )
  putCollection(data, collection, new Map(collection.stored).set('indexes', indexes))
}

function putCollection(
  data: Data,
  { db, name }: { readonly db: string; readonly name: string },
  stored: Document,
): void {
  data.meta.put(collectionKey(db, name), encodeDocument(stored))
  changeVersion(data)
}

function changeVersion(data: Data): void {
  data.meta.put(VERSION_KEY, randomBytes(8))
}

function idIndex(options: Document): IndexEntry {
  const spec = document({ v: 2, key: { _id: 1 }, name: '_id_' })
  const collation = options.get('collation')
  if (collation !== undefined) spec.set('collation', collation)
  return { spec, multikey: [], truncated: false }
}

function storedIndex(data: Data, entry: IndexEntry): Document {
  return storedIndexOf(Number(nextId(data).value), entry)
}

function storedIndexOf(id: number, { spec, multikey, truncated }: IndexEntry): Document {
  return new Map<string, Value>([
    ['id', new Int32(id)],
    ['spec', spec],
    ['multikey', [...multikey]],
    ['truncated', truncated],
  ])
}

function nextId(data: Data): Int32 {
  const id = (data.meta.get(ID_KEY)?.readUInt32BE() ?? 0) + 1
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(id)
  data.meta.put(ID_KEY, bytes)
  return new Int32(id)
}

function uuidBytes(): Buffer {
  const bytes = randomBytes(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

function discard(data: Data, kind: 'd' | 'x', id: number): void {
  const key = Buffer.alloc(6, `g${kind}`)
  key.writeUInt32BE(id, 2)
  data.meta.put(key, Buffer.from([0]))
}
