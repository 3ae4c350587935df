// Finds all documents that a statement is about before the first is changed.
import { matchesOf, type Search } from '../query/search.ts'
import { copyOf } from '../store/data.ts'

/** A document that is to be changed, in bytes of its own. */
export interface Found {
  readonly record: number
  readonly bytes: Buffer
}

/** Beyond so many bytes documents are read again when their turn comes. */
const MOST_HELD_BYTES = 32 * 1024 * 1024

/** All documents that a search finds: a change must not make a document be found again. */
export class Matches implements Iterable<Found> {
  readonly #search: Search
  readonly #records: number[] = []
  readonly #held: Buffer[] = []

  constructor(search: Search) {
    this.#search = search
    let size = 0
    for (const { record, bytes } of matchesOf(search)) {
      this.#records.push(record)
      if (size > MOST_HELD_BYTES) continue
      const copy = copyOf(bytes)
      size += copy.length
      this.#held.push(copy)
    }
  }

  get count(): number {
    return this.#records.length
  }

  *[Symbol.iterator](): Generator<Found> {
    for (const [at, record] of this.#records.entries()) yield { record, bytes: this.#held[at] ?? this.#read(record) }
  }

  #read(record: number): Buffer {
    const { data, collection } = this.#search.walk
    return copyOf(data.documents.get(collection.id, record)!)
  }
}
