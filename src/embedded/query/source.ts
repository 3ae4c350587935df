// Gives pipelines the documents of collections and views, with the help of indexes.
import { compilePipeline } from '../aggregate/pipeline.ts'
import type { Source, StoredDocuments, Wanted } from '../aggregate/source.ts'
import type { Leading } from '../aggregate/stage.ts'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import type { Room } from '../operation/room.ts'
import type { TimeLimit } from '../operation/time-limit.ts'
import { resolve } from '../operation/views.ts'
import type { Data } from '../store/data.ts'
import type { Collation } from '../values/collation.ts'
import { countFound } from './count.ts'
import { type FindAsked, inOrder } from './find.ts'
import type { Scans } from './scans.ts'
import { type Search, searchOf } from './search.ts'
import { statisticsOf } from './statistics.ts'

export interface SourceOptions {
  readonly db: string
  readonly collection: string | undefined
  readonly data: Data
  readonly scans: Scans
  readonly collation: Collation | undefined
  readonly now: Date
  readonly variables?: FindAsked['variables']
  readonly hint?: FindAsked['hint']
  readonly limit?: TimeLimit | undefined
  readonly allowsDisk?: boolean | undefined
}

export class StoredSource implements Source {
  readonly db: string
  readonly collection: string | undefined
  readonly #room: Room
  readonly #options: SourceOptions
  /** what the first search of the pipeline's own collection did, for explain */
  search: Search | undefined

  constructor(room: Room, options: SourceOptions) {
    this.#room = room
    this.#options = options
    this.db = options.db
    this.collection = options.collection
  }

  documents(db: string, name: string, wanted: Wanted = {}): Iterable<Document> {
    const { data, collation, now, limit: time, allowsDisk } = this.#options
    const found = resolve(this.#room, data, { db, name })
    if (found.pipeline.length === 0) return this.#read(db, found.name, wanted)
    const view = compilePipeline(found.pipeline, {
      source: this,
      collation: found.collation ?? collation,
      now,
      time,
      allowsDisk,
    })
    const below = this.documents(db, found.name, leadingOf(view.leading))
    return this.#narrowed(view.run(below, { from: view.leading.rest }), wanted)
  }

  isIndexed(db: string, name: string, path: string): boolean {
    const collection = this.#room.catalog.collection(this.#options.data, db, name)
    return (
      collection?.indexes.some(
        ({ key, partial, sparse, hidden, wildcard }) =>
          key[0]![0] === path && !partial && !sparse && !hidden && !wildcard,
      ) ?? false
    )
  }

  statistics(stage: string, specification: Document): Iterable<Document> {
    const { db, collection, data } = this.#options
    return statisticsOf(stage, specification, { room: this.#room, data, db, name: collection })
  }

  #read(db: string, name: string, wanted: Wanted): Iterable<Document> {
    const { data, scans } = this.#options
    const collection = this.#room.catalog.collection(data, db, name)
    const asked = this.#asked(wanted, name)
    const search = searchOf(data, collection, { asked, scans })
    if (name === this.collection) this.search ??= search
    if (wanted.fields?.size === 0) return emptyDocuments(search, asked)
    return decoded(search, asked, wanted.fields ?? null)
  }

  #asked({ filter = new Map(), sort, skip = 0, limit }: Wanted, name: string): FindAsked {
    const { collation, now, variables, hint, limit: time, allowsDisk } = this.#options
    return {
      filter,
      sort,
      skip,
      limit: limit ?? Number.POSITIVE_INFINITY,
      collation,
      now,
      variables,
      time,
      allowsDisk,
      hint: name === this.collection ? hint : undefined,
    }
  }

  /** Does to the results of a view what the storage does for a collection. */
  #narrowed(documents: Iterable<Document>, { filter, sort, skip, limit }: Wanted): Iterable<Document> {
    const stages: Document[] = []
    if (filter) stages.push(new Map([['$match', filter]]))
    if (sort) stages.push(new Map([['$sort', sort]]))
    if (skip) stages.push(new Map([['$skip', skip]]))
    if (limit) stages.push(new Map([['$limit', limit]]))
    if (stages.length === 0) return documents
    const { collation, now, limit: time, allowsDisk } = this.#options
    return compilePipeline(stages, { source: this, collation, now, time, allowsDisk }).run(documents)
  }
}

/** Gives what a pipeline's first stages ask of the storage. */
export function leadingOf({ filter, sort, skip, limit, restFields }: Leading): Wanted {
  return { filter, sort, skip, limit, fields: restFields }
}

/** Documents of which no field is read, as for a count, are only counted. */
function* emptyDocuments(search: Search, { skip, limit }: FindAsked): Generator<Document> {
  const left = Math.min(countFound(search, skip + limit) - skip, limit)
  for (let given = 0; given < left; given++) yield new Map()
}

function decoded(search: Search, asked: FindAsked, fields: ReadonlySet<string> | null): StoredDocuments {
  return {
    *[Symbol.iterator]() {
      for (const { bytes } of inOrder(search, asked))
        yield fields === null ? decodeDocument(bytes) : decodeFields(bytes, fields)
    },
    stored: {
      *[Symbol.iterator]() {
        for (const { bytes } of inOrder(search, asked)) yield bytes
      },
    },
  }
}
