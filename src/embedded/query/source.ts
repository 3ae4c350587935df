// Gives pipelines the documents of collections and views, with the help of indexes.
import { compilePipeline } from '../aggregate/pipeline.ts'
import type { Source, StoredDocuments, Wanted } from '../aggregate/source.ts'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import type { Room } from '../operation/room.ts'
import { resolve } from '../operation/views.ts'
import type { Data } from '../store/data.ts'
import type { Collation } from '../values/collation.ts'
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
  readonly deadline?: number | undefined
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
    const { data, collation, now } = this.#options
    const found = resolve(this.#room, data, { db, name })
    if (found.pipeline.length === 0) return this.#read(db, found.name, wanted)
    const view = compilePipeline(found.pipeline, { source: this, collation: found.collation ?? collation, now })
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
    return decoded(search, asked, wanted.fields ?? null)
  }

  #asked({ filter = new Map(), sort, skip = 0, limit }: Wanted, name: string): FindAsked {
    const { collation, now, variables, hint, deadline } = this.#options
    return {
      filter,
      sort,
      skip,
      limit: limit ?? Number.POSITIVE_INFINITY,
      collation,
      now,
      variables,
      deadline,
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
    const { collation, now } = this.#options
    return compilePipeline(stages, { source: this, collation, now }).run(documents)
  }
}

/** Gives what a pipeline's first stages ask of the storage. */
export function leadingOf(leading: Wanted): Wanted {
  const { filter, sort, skip, limit, fields } = leading
  return { filter, sort, skip, limit, fields }
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
