// Says where pipelines find the documents of other collections.
import type { Document } from '../bson/decode.ts'

export interface Wanted {
  readonly filter?: Document | undefined
  readonly sort?: Document | undefined
  readonly skip?: number | undefined
  readonly limit?: number | undefined
  /** the top-level fields that are needed; null or none means all */
  readonly fields?: ReadonlySet<string> | null | undefined
}

/** Documents that are decoded as they are taken; a stage that can do with less takes their bytes instead. */
export interface StoredDocuments extends Iterable<Document> {
  /** each is valid until the next is taken */
  readonly stored: Iterable<Uint8Array>
}

/** Tells whether the documents come right from the storage, or from another stage. */
export function areStored(documents: Iterable<Document>): documents is StoredDocuments {
  return 'stored' in documents
}

/** Given by the commands: reads collections and views, with their indexes. */
export interface Source {
  readonly db: string
  /** the collection that is aggregated; undefined for a whole database */
  readonly collection?: string | undefined
  documents(db: string, collection: string, wanted?: Wanted): Iterable<Document>
  /** whether an index serves equality on a path, so that a query per value beats reading all */
  isIndexed?(db: string, collection: string, path: string): boolean
  /** what stages such as $indexStats and $collStats answer, by the stage's name */
  statistics?(stage: string, specification: Document): Iterable<Document>
}
