// Writes documents of one collection and keeps its indexes in step. Lives inside one write.

import { CommandError } from '../errors.ts'
import { type IndexKeys, indexKeys } from '../keys/index-keys.ts'
import { excessOf, type Limits, limitsOf, note } from './capped.ts'
import { type Collection, collectionKey, type Index } from './catalog.ts'
import { changeIndex } from './catalog-changes.ts'
import { copyOf, type Data } from './data.ts'
import { duplicateKey } from './duplicate-key.ts'
import { addUniqueEntry, isHeld, putEntry, removeEntry } from './index-entries.ts'
import { indexedPart } from './indexed-part.ts'

interface Marks {
  readonly multikey: ReadonlySet<string>
  readonly truncated: boolean
}

export interface Change {
  readonly record: number
  readonly before: Buffer
  readonly after: Buffer
  /** the top-level fields that may differ; null for all */
  readonly paths: ReadonlySet<string> | null
}

/** Checks before it writes: when a call throws, nothing of that call was written. */
export class CollectionWriter {
  readonly #data: Data
  readonly #collection: Collection
  readonly #marks = new Map<Index, Marks>()
  readonly #limits: Limits | undefined
  #nextRecord: number | undefined

  constructor(data: Data, collection: Collection) {
    this.#data = data
    this.#collection = collection
    this.#limits = limitsOf(collection)
    data.watch?.(collectionKey(collection.db, collection.name))
  }

  insert(bytes: Buffer): number {
    const { indexes, indexedFields } = this.#collection
    if (this.#limits && bytes.length > this.#limits.bytes)
      throw new CommandError('BadValue', 'object to insert exceeds cappedMaxSize')
    const fields = indexedPart(bytes, indexedFields)
    const found = indexes.map(index => indexKeys(fields, index))
    for (const [at, index] of indexes.entries())
      if (index.prepareUnique) this.#refuseDuplicates(index, found[at]!.keys, bytes)
    const record = this.#takeRecord()
    this.#addUniqueKeys(found, record, bytes)
    this.#data.documents.add(this.#collection.id, record, bytes)
    for (const [at, index] of indexes.entries()) {
      if (!index.unique) for (const key of found[at]!.keys) putEntry(this.#data, index, { key, record })
      this.#mark(index, found[at]!)
    }
    if (this.#limits) this.#makeRoom(this.#limits, bytes)
    return record
  }

  update({ record, before, after, paths }: Change): void {
    const touched = this.#collection.indexes.filter(
      index => paths === null || index.fields === null || [...index.fields].some(f => paths.has(f)),
    )
    const changes = touched.map(index => differenceOf(index, before, after))
    for (const [at, index] of touched.entries()) this.#refuseDuplicates(index, changes[at]!.added.keys, after)
    this.#data.documents.put(this.#collection.id, record, after, before)
    if (this.#limits) note(this.#data, this.#collection, { documents: 0, bytes: after.length - before.length })
    for (const [at, index] of touched.entries()) {
      for (const key of changes[at]!.removed) removeEntry(this.#data, index, { key, record })
      this.#addKeys(index, changes[at]!.added, record)
    }
  }

  remove(record: number, bytes: Buffer): void {
    const fields = indexedPart(bytes, this.#collection.indexedFields)
    const found = this.#collection.indexes.map(index => indexKeys(fields, index))
    this.#data.documents.remove(this.#collection.id, record, bytes)
    if (this.#limits) note(this.#data, this.#collection, { documents: -1, bytes: -bytes.length })
    for (const [at, index] of this.#collection.indexes.entries())
      for (const key of found[at]!.keys) removeEntry(this.#data, index, { key, record })
  }

  /** Adds the keys of a stored document to indexes that are being built. */
  addToIndexes(indexes: readonly Index[], shared: Buffer, record: number): void {
    const bytes = copyOf(shared)
    for (const index of indexes) {
      const found = indexKeys(indexedPart(bytes, index.fields), index)
      if (index.unique) this.#refuseDuplicates(index, found.keys, bytes)
      this.#addKeys(index, found, record)
    }
  }

  /** Writes down at which paths indexes met arrays for the first time. */
  finish(): void {
    for (const [index, { multikey, truncated }] of this.#marks) {
      const spec = index.raw
      changeIndex(this.#data, this.#collection, { id: index.id, spec, multikey: [...multikey], truncated })
    }
    this.#marks.clear()
  }

  /** The oldest documents of a capped collection make room for a new one. */
  #makeRoom(limits: Limits, added: Buffer): void {
    note(this.#data, this.#collection, { documents: 1, bytes: added.length })
    for (const { record, bytes } of excessOf(this.#data, this.#collection, limits)) this.remove(record, bytes)
  }

  #takeRecord(): number {
    this.#nextRecord ??= this.#data.documents.nextRecord(this.#collection.id)
    return this.#nextRecord++
  }

  #refuseDuplicates(index: Index, keys: readonly Buffer[], bytes: Buffer): void {
    if (!index.unique && !index.prepareUnique) return
    for (const key of keys)
      if (isHeld(this.#data, index, key)) throw duplicateKey(this.#collection, index, { key, bytes })
  }

  /** To add a key is to look whether it is there; when one is, those before it are taken back. */
  #addUniqueKeys(found: readonly IndexKeys[], record: number, bytes: Buffer): void {
    const added: { readonly index: Index; readonly key: Buffer }[] = []
    for (const [at, index] of this.#collection.indexes.entries()) {
      if (!index.unique) continue
      for (const key of found[at]!.keys) {
        if (!addUniqueEntry(this.#data, index, { key, record })) {
          for (const before of added) removeEntry(this.#data, before.index, { key: before.key, record })
          throw duplicateKey(this.#collection, index, { key, bytes })
        }
        added.push({ index, key })
      }
    }
  }

  #addKeys(index: Index, found: IndexKeys, record: number): void {
    for (const key of found.keys) putEntry(this.#data, index, { key, record })
    this.#mark(index, found)
  }

  #mark(index: Index, { multikey, truncated }: IndexKeys): void {
    if (multikey.length === 0 && !truncated) return
    const known = this.#marks.get(index) ?? { multikey: new Set(index.multikey), truncated: index.truncated }
    if ((known.truncated || !truncated) && multikey.every(path => known.multikey.has(path))) return
    const paths = new Set([...known.multikey, ...multikey])
    this.#marks.set(index, { multikey: paths, truncated: known.truncated || truncated })
  }
}

interface Difference {
  readonly removed: readonly Buffer[]
  readonly added: IndexKeys
}

function differenceOf(index: Index, before: Buffer, after: Buffer): Difference {
  const old = indexKeys(indexedPart(before, index.fields), index)
  const now = indexKeys(indexedPart(after, index.fields), index)
  return { removed: without(old.keys, now.keys), added: { ...now, keys: without(now.keys, old.keys) } }
}

function without(keys: readonly Buffer[], others: readonly Buffer[]): readonly Buffer[] {
  if (keys.length === 1 && others.length === 1) return keys[0]!.equals(others[0]!) ? [] : keys
  const texts = new Set(others.map(key => key.toString('latin1')))
  return keys.filter(key => !texts.has(key.toString('latin1')))
}
