// Finds the documents of another collection by a value, through an index or a hash built once.
import { BSONRegExp } from 'mongodb'
import { type Document, decodeDocument, type Value } from '../bson/decode.ts'
import { searchAt } from '../match/path.ts'
import { hashValue } from '../values/values.ts'
import type { Environment } from './environment.ts'
import { isNullish, type Result } from './operator.ts'
import { areStored, type Source } from './source.ts'

interface Origin {
  readonly source: Source
  readonly db: string
  readonly collection: string
  /** which documents count at all */
  readonly filter?: Document | undefined
}

/** To find one value by an index takes about as long as to read so many documents. */
const READS_FOR_A_SEARCH = 8
const FEW_SEARCHES = 200
/** Documents that are to be searched are held in memory, as far as an index would not do. */
const MOST_BYTES = 16 * 1024 * 1024

export class Foreign {
  readonly #origin: Origin
  readonly #environment: Environment
  readonly #hashes = new Map<string, ReadonlyMap<string, readonly number[]>>()
  #documents: readonly Document[] | undefined
  /** how many values were searched by an index, and from how many on all documents are read instead */
  #searches = 0
  #mostSearches = FEW_SEARCHES

  constructor(origin: Origin, environment: Environment) {
    this.#origin = origin
    this.#environment = environment
  }

  /** The documents that a filter finds, perhaps by an index. */
  found(filter: Document | undefined): Iterable<Document> {
    const { source, db, collection } = this.#origin
    return source.documents(db, collection, { filter })
  }

  /** All documents, read once. */
  all(): readonly Document[] {
    const { source, db, collection, filter } = this.#origin
    this.#documents ??= [...source.documents(db, collection, { filter })]
    return this.#documents
  }

  /** The documents that a filter { [path]: { $in: values } } finds, in the collection's order. */
  matching(path: string, values: readonly Value[]): readonly Document[] {
    if (values.length === 0) return []
    const { source, db, collection, filter } = this.#origin
    if (source.isIndexed?.(db, collection, path) && !this.#isReadAfter(values.length)) {
      return [...source.documents(db, collection, { filter: both(filter, equality(path, values)) })]
    }
    const documents = this.all()
    const hash = this.#hashOf(path)
    const found = new Set(values.flatMap(value => hash.get(this.#key(value)) ?? []))
    const places = values.length > 1 ? [...found].sort((a, b) => a - b) : [...found]
    return places.map(place => documents[place]!)
  }

  /** Reads all documents when they are few beside the searches so far, and says whether they are read. */
  #isReadAfter(searches: number): boolean {
    if (this.#documents) return true
    this.#searches += searches
    if (this.#searches <= this.#mostSearches) return false
    this.#documents = this.#atMost(this.#searches * READS_FOR_A_SEARCH)
    this.#mostSearches = this.#searches * 4
    return this.#documents !== undefined
  }

  #atMost(most: number): readonly Document[] | undefined {
    const found = this.found(this.#origin.filter)
    if (!areStored(found)) return undefined
    const documents: Document[] = []
    let size = 0
    for (const bytes of found.stored) {
      size += bytes.length
      if (documents.push(decodeDocument(bytes)) > most || size > MOST_BYTES) return undefined
    }
    return documents
  }

  #hashOf(path: string): ReadonlyMap<string, readonly number[]> {
    const known = this.#hashes.get(path)
    if (known) return known
    const hash = new Map<string, number[]>()
    let place = 0
    const note = searchAt(path, value => {
      const key = this.#key(value)
      const places = hash.get(key)
      if (!places) hash.set(key, [place])
      else if (places.at(-1) !== place) places.push(place)
      return false
    })
    for (const document of this.all()) {
      note(document)
      place++
    }
    this.#hashes.set(path, hash)
    return hash
  }

  #key(value: Result): string {
    return hashValue(isNullish(value) ? null : value, this.#environment.collation)
  }
}

/** The values that a local field joins by: elements of arrays each. */
export function joinValues(document: Document, names: readonly string[]): readonly Value[] {
  const only = names.length === 1 ? document.get(names[0]!) : undefined
  if (only !== undefined) return Array.isArray(only) ? only : [only]
  const values: Value[] = []
  visit(document, names, values)
  return values
}

function visit(value: Value | undefined, names: readonly string[], values: Value[]): void {
  if (value === undefined) return
  const [name, ...rest] = names
  if (name === undefined) {
    if (Array.isArray(value)) values.push(...value)
    else values.push(value)
  } else if (value instanceof Map) visit(value.get(name), rest, values)
  else if (Array.isArray(value)) {
    for (const element of value) if (element instanceof Map) visit(element, names, values)
    if (/^\d+$/.test(name)) visit(value[Number(name)], rest, values)
  }
}

/** Values that are regular expressions are compared, not searched by. */
function equality(path: string, values: readonly Value[]): Document {
  const equal = (value: Value): Document => new Map([[path, new Map([['$eq', value]])]])
  if (values.length === 1) return equal(values[0]!)
  if (values.some(value => value instanceof BSONRegExp)) return new Map([['$or', values.map(equal)]])
  return new Map([[path, new Map([['$in', [...values]]])]])
}

function both(first: Document | undefined, second: Document): Document {
  return first && first.size > 0 ? new Map([['$and', [first, second]]]) : second
}
