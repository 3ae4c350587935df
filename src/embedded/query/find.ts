// Answers a find: search, sort, skip, limit and projection, giving the bytes of each document.
import { valueAtPath } from '../aggregate/path.ts'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { decodeFields } from '../bson/fields.ts'
import { CommandError } from '../errors.ts'
import { compileProjection, type Projection } from '../project/projection.ts'
import type { Collection } from '../store/catalog.ts'
import type { Data, StoredDocument } from '../store/data.ts'
import { compileSort } from '../values/sort.ts'
import type { Scans } from './scans.ts'
import { type Asked, matchesOf, type Search, searchOf } from './search.ts'
import { sorted } from './sorting.ts'
import { keptFields } from './splice.ts'

export interface FindAsked extends Asked {
  readonly skip: number
  readonly limit: number
  readonly projection?: Document | undefined
  /** whether a large sort may use a file */
  readonly allowsDisk?: boolean | undefined
  /** gives the keys of the index that was used in place of documents */
  readonly returnKey?: boolean
  /** adds `$recordId` to each document */
  readonly showRecordId?: boolean
}

export interface Find {
  readonly search: Search
  /** Gives the bytes of each document, valid until the next read. */
  readonly results: Iterable<Uint8Array>
}

export function find(
  data: Data,
  collection: Collection | undefined,
  { asked, scans }: { readonly asked: FindAsked; readonly scans: Scans },
): Find {
  const search = searchOf(data, collection, { asked, scans })
  const shape = shapeOf(asked, search)
  const results = function* () {
    for (const found of inOrder(search, asked)) yield shape(found)
  }
  return { search, results: { [Symbol.iterator]: results } }
}

/** Gives the found documents in the order asked for, cut to skip and limit. */
export function inOrder(search: Search, asked: FindAsked): Iterable<StoredDocument> {
  const found = ordered(search, asked)
  return asked.skip === 0 && asked.limit === Number.POSITIVE_INFINITY ? found : cut(found, asked)
}

function* cut(documents: Iterable<StoredDocument>, asked: FindAsked): Generator<StoredDocument> {
  let skip = asked.skip
  let left = asked.limit
  for (const found of documents) {
    if (skip-- > 0) continue
    yield found
    if (--left === 0) return
  }
}

function ordered(search: Search, asked: FindAsked): Iterable<StoredDocument> {
  const found = matchesOf(search)
  if (search.plan.sorted || asked.sort === undefined || asked.sort.size === 0) return found
  const sort = compileSort(asked.sort, asked.collation)
  return {
    *[Symbol.iterator]() {
      yield* sorted(found, { sort, limit: asked.skip + asked.limit, allowsDisk: asked.allowsDisk !== false })
    },
  }
}

/** How a found document is given: projected, with its record number, or as keys. */
export function shapeOf(asked: FindAsked, search: Search): (found: StoredDocument) => Uint8Array {
  if (asked.returnKey === true) return keysShape(search)
  const project = projectionOf(asked, search)
  if (asked.showRecordId !== true) return ({ bytes }) => project(bytes)
  return ({ record, bytes }) => {
    const document = decodeDocument(project(bytes))
    return encodeDocument(document.set('$recordId', BigInt(record)))
  }
}

function keysShape({ plan }: Search): (found: StoredDocument) => Uint8Array {
  if (plan.kind === 'scan' || plan.kind === 'or') return () => encodeDocument(new Map())
  const { key, multikey } = plan.index
  if (multikey.length > 0)
    throw new CommandError('CommandNotSupported', 'returnKey is not supported with an index on arrays')
  return ({ bytes }) => {
    const document = decodeDocument(bytes)
    return encodeDocument(new Map(key.map(([path]) => [path, valueAtPath(document, path.split('.'), 0) ?? null])))
  }
}

function projectionOf(asked: FindAsked, search: Search): (bytes: Buffer) => Uint8Array {
  if (asked.projection === undefined || asked.projection.size === 0) return bytes => bytes
  const projection = compileProjection(asked.projection, { ...asked, filter: search.filter })
  const { keeps } = projection
  if (keeps !== undefined) return bytes => keptFields(bytes, keeps)
  return bytes => encodeDocument(projection.apply(read(projection, bytes)))
}

function read(projection: Projection, bytes: Buffer): Document {
  return projection.fields === null ? decodeDocument(bytes) : decodeFields(bytes, projection.fields)
}
