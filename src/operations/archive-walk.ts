// Walks documents in the order of an index, by their keys alone; can go on behind any of them.
import { type Binary, BSON, type Document, type FindCursor, ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { collectionOf } from '../runtime/execute.ts'
import { exactly, keyOf } from './archive-bytes.ts'

/** How a collection is walked; stored with the run. */
export interface WalkOrder {
  /** The path whose index is walked. */
  readonly path: string
  readonly hint: string
  readonly sort: Readonly<Record<string, 1>>
}

/** What is walked. */
export interface WalkRequest {
  readonly definition: ModelDefinition
  readonly filter: Document
  readonly order: WalkOrder
  /** Gives the keys of ids that were seen already, of those whose value of the path is this one. */
  readonly seen?: (value: unknown) => Promise<ReadonlySet<string>>
}

/** A document found by a walk. */
export interface Found {
  readonly id: unknown
  /** The key of its id. */
  readonly key: string
  /** The key of its place in the walk. */
  readonly place: Uint8Array
}

/** A walk that is under way. */
export interface Walk {
  /** Gives the next documents behind a place; none at the end. */
  next(after: Uint8Array | undefined, count: number): Promise<readonly Found[]>
  close(): Promise<void>
}

/** Chooses the index for a walk in the order of a path; by _id where no index begins with it. */
export async function orderBy(definition: ModelDefinition, path: string): Promise<WalkOrder> {
  const byId: WalkOrder = { path: '_id', hint: '_id_', sort: { _id: 1 } }
  if (path === '_id') return byId
  const indexes = await (await collectionOf(definition)).indexes().catch(() => [])
  const usable = indexes
    .filter(index => !index.partialFilterExpression && !index.hidden && !index.collation)
    .map(index => ({ name: index.name!, keys: Object.entries(index.key as Document) }))
    .filter(({ keys }) => keys[0]?.[0] === path && Math.abs(Number(keys[0][1])) === 1)
  const whole = usable.find(({ keys }) => keys[1]?.[0] === '_id' && keys[1][1] === keys[0]![1])
  const found = whole ?? usable[0]
  if (!found) return byId
  return { path, hint: found.name, sort: whole ? { [path]: 1, _id: 1 } : { [path]: 1 } }
}

/** Begins a walk; nothing is asked before the first `next`. */
export function walkOf(request: WalkRequest): Walk {
  let cursor: FindCursor<Document> | undefined
  let at: Uint8Array | undefined
  let seen: ReadonlySet<string> = new Set()
  const drop = async () => {
    const open = cursor
    cursor = undefined
    await open?.close().catch(() => undefined)
  }
  const read = async (after: Uint8Array | undefined, count: number) => {
    if (!cursor || at !== after) {
      await drop()
      seen = after ? ((await request.seen?.(valueIn(request, after))) ?? new Set()) : new Set()
      cursor = await opened(request, after, count)
    }
    const found = await take(cursor, seen, count)
    at = found.at(-1)?.place ?? after
    return found
  }
  let last: Promise<unknown> = Promise.resolve()
  const next = (after: Uint8Array | undefined, count: number) => {
    const found = read(after, count)
    last = found.catch(() => undefined)
    return found
  }
  const close = async () => {
    // What was asked for ahead may still be on its way.
    await last
    await drop()
  }
  return { next, close }
}

// Keys are small: more of them are read at once than are asked for.
const KEYS = 1000

async function opened(
  { definition, filter, order }: WalkRequest,
  after: Uint8Array | undefined,
  count: number,
): Promise<FindCursor<Document>> {
  const further = after ? [beyond(order.path, BSON.deserialize(after, exactly))] : []
  const projection = Object.fromEntries(['_id', order.path].map(path => [path, 1]))
  return (await collectionOf(definition)).find(
    { $and: [filter, ...further] },
    { raw: true, sort: order.sort, hint: order.hint, projection, batchSize: Math.max(count, KEYS) },
  )
}

// $expr compares ids of all types; documents of the same value come again, in whatever order, and are passed over.
function beyond(path: string, key: Document): Document {
  if (path === '_id') return { $expr: { $gt: ['$_id', { $literal: key._id }] } }
  return { [path]: { $gte: valueAt(key, path) } }
}

async function take(cursor: FindCursor<Document>, seen: ReadonlySet<string>, count: number): Promise<Found[]> {
  const found: Found[] = []
  while (found.length < count && (await cursor.hasNext())) {
    for (const bytes of cursor.readBufferedDocuments(count - found.length) as unknown as Uint8Array[]) {
      const key = keyOf(bytes)
      if (!seen.has(key)) found.push({ id: idIn(bytes, key), key, place: bytes })
    }
  }
  return found
}

// Most ids are object ids: their keys end with them.
function idIn(bytes: Uint8Array, key: string): unknown {
  if (key.charCodeAt(0) !== OBJECT_ID) return BSON.deserialize(bytes, exactly)._id
  return new ObjectId(Buffer.from(key.slice(-12), 'latin1'))
}

const OBJECT_ID = 7

function valueIn({ order }: WalkRequest, after: Uint8Array): unknown {
  return valueAt(BSON.deserialize(after, exactly), order.path)
}

function valueAt(document: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Document | undefined)?.[name], document)
}

/** Tells whether the value of a path is the same in two keys. */
export function isSameValue(path: string, one: Binary | Uint8Array, other: unknown): boolean {
  const bytes = one instanceof Uint8Array ? one : one.buffer
  const value = valueAt(BSON.deserialize(bytes, exactly), path)
  return Buffer.from(BSON.serialize({ value })).equals(BSON.serialize({ value: other }))
}
