// Reads the catalog: which collections, views and indexes there are, compiled once for each version of it.
import type { Binary } from 'mongodb'
import { type Document, decodeDocument, type Value } from '../bson/decode.ts'
import { type IndexSpec, indexSpecOf } from '../keys/index-spec.ts'
import { type Collation, collationOf } from '../values/collation.ts'
import { copyOf, type Data } from './data.ts'

export interface Index extends IndexSpec {
  readonly id: number
  /** the top-level fields its keys and its partial filter read; null for all */
  readonly fields: ReadonlySet<string> | null
}

export interface View {
  readonly on: string
  readonly pipeline: readonly Value[]
}

export interface Collection {
  readonly id: number
  readonly db: string
  readonly name: string
  readonly namespace: string
  readonly uuid: Binary
  readonly options: Document
  readonly view?: View
  readonly collation?: Collation
  readonly indexes: readonly Index[]
  readonly indexedFields: ReadonlySet<string> | null
  /** the entry as it is stored */
  readonly stored: Document
}

/** The number of what is searched where there is no collection. */
export const NO_COLLECTION = 0

const FIRST_BYTE_OF_NAMES = 'c'

/** Keeps compiled collections as long as the catalog entry they come from does not change. */
export class Catalog {
  readonly #kept = new Map<string, { version: string; readonly bytes: Buffer; readonly collection: Collection }>()

  collection(data: Data, db: string, name: string): Collection | undefined {
    const namespace = `${db}.${name}`
    const version = data.meta.get(VERSION_KEY)?.toString('latin1') ?? ''
    const kept = this.#kept.get(namespace)
    if (kept?.version === version) return kept.collection
    const bytes = data.meta.get(collectionKey(db, name))
    if (bytes === undefined) return void this.#kept.delete(namespace)
    if (kept && bytes.equals(kept.bytes)) {
      kept.version = version
      return kept.collection
    }
    const collection = collectionOf(db, name, decodeDocument(bytes))
    this.#kept.set(namespace, { version, bytes: copyOf(bytes), collection })
    return collection
  }

  collections(data: Data, db: string): Collection[] {
    const names = namesIn(data, Buffer.from(`${FIRST_BYTE_OF_NAMES}${db}\0`))
    return names.map(([, name]) => this.collection(data, db, name)!)
  }

  databases(data: Data): string[] {
    return [...new Set(namesIn(data, Buffer.from(FIRST_BYTE_OF_NAMES)).map(([db]) => db))]
  }
}

export const VERSION_KEY = Buffer.from('v')

export function collectionKey(db: string, name: string): Buffer {
  return Buffer.from(`${FIRST_BYTE_OF_NAMES}${db}\0${name}`)
}

/** Gives what the catalog says now of a collection that was read before. */
export function storedCollection(data: Data, { db, name }: Collection): Document | undefined {
  const bytes = data.meta.get(collectionKey(db, name))
  return bytes && decodeDocument(bytes)
}

function namesIn(data: Data, prefix: Buffer): [db: string, name: string][] {
  const to = Buffer.from(prefix)
  to[to.length - 1]!++
  const names: [string, string][] = []
  for (const { key } of data.meta.range({ from: prefix, to })) {
    const end = key.indexOf(0)
    names.push([key.toString('utf8', 1, end), key.toString('utf8', end + 1)])
  }
  return names
}

function collectionOf(db: string, name: string, stored: Document): Collection {
  const options = stored.get('options') as Document
  const indexes = (stored.get('indexes') as Document[]).map(indexOf)
  const on = options.get('viewOn') as string | undefined
  const collation = collationOf(options.get('collation') as Document | undefined)
  return {
    id: Number(stored.get('id')),
    db,
    name,
    namespace: `${db}.${name}`,
    uuid: stored.get('uuid') as Binary,
    options,
    ...(on === undefined ? {} : { view: { on, pipeline: (options.get('pipeline') ?? []) as Value[] } }),
    ...(collation === undefined ? {} : { collation }),
    indexes,
    indexedFields: indexes.some(index => index.fields === null)
      ? null
      : new Set(indexes.flatMap(index => [...index.fields!])),
    stored,
  }
}

function indexOf(stored: Document): Index {
  const spec = indexSpecOf(stored.get('spec') as Document)
  return {
    ...spec,
    unique: spec.unique || spec.name === '_id_',
    id: Number(stored.get('id')),
    multikey: stored.get('multikey') as string[],
    truncated: stored.get('truncated') as boolean,
    fields: spec.key.some(([path]) => path === '$**')
      ? null
      : new Set([...spec.key.map(([path]) => topOf(path)), ...fieldsOf(spec.partial?.spec)]),
  }
}

function topOf(path: string): string {
  return path.split('.', 1)[0]!
}

/** A partial filter holds only comparisons of paths, $and and $or. */
function fieldsOf(filter: Document | undefined): string[] {
  return [...(filter ?? new Map<string, Value>())].flatMap(([path, value]) =>
    path.startsWith('$') ? (value as Document[]).flatMap(fieldsOf) : [topOf(path)],
  )
}
