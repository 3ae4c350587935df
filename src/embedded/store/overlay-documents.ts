// Holds a transaction's documents above those of its snapshot.
import {
  type Change,
  copyOf,
  type Documents,
  FIRST_PROVISIONAL_RECORD,
  LAST_RECORD,
  type RecordRange,
  type StoredDocument,
} from './data.ts'
import { writeConflict } from './write-conflict.ts'

interface Surroundings {
  claim(collection: number, record: number): void
  /** whether somebody may have written since the snapshot */
  isMoved(): boolean
  nextRecord(): number
}

type Changes = Map<number, Change>

export class OverlayDocuments implements Documents {
  readonly #base: Documents
  readonly #current: Documents
  readonly #around: Surroundings
  /** of documents that the snapshot has */
  readonly #changed = new Map<number, Changes>()
  /** under provisional numbers, which no other transaction sees */
  readonly #added = new Map<number, Changes>()

  constructor(base: Documents, current: Documents, around: Surroundings) {
    this.#base = base
    this.#current = current
    this.#around = around
  }

  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#added.size === 0
  }

  get(collection: number, record: number): Buffer | undefined {
    const change = this.#changesFor(record).get(collection)?.get(record)
    return change ? (change.after ?? undefined) : this.#base.get(collection, record)
  }

  range(collection: number, range: RecordRange): Iterable<StoredDocument> {
    if (!this.#changed.has(collection) && !this.#added.has(collection)) return this.#base.range(collection, range)
    return this.#merged(collection, range)
  }

  count(collection: number): number {
    let count = this.#base.count(collection)
    for (const changes of [this.#changed, this.#added])
      for (const { before, after } of changes.get(collection)?.values() ?? [])
        count += (after === null ? 0 : 1) - (before === null ? 0 : 1)
    return count
  }

  nextRecord(): number {
    return this.#around.nextRecord()
  }

  add(collection: number, record: number, bytes: Buffer): void {
    this.put(collection, record, bytes)
  }

  put(collection: number, record: number, bytes: Buffer, before?: Buffer): void {
    this.#change({ collection, record, before }, bytes)
  }

  remove(collection: number, record: number, before?: Buffer): void {
    this.#change({ collection, record, before }, null)
  }

  check(current: Documents): void {
    for (const [collection, changes] of this.#changed)
      for (const [record, { before }] of changes)
        if (!isEqual(current.get(collection, record), before)) throw writeConflict()
  }

  /** Writes the changes and gives the numbers that new documents got for their provisional ones. */
  apply(target: Documents): ReadonlyMap<number, number> {
    for (const [collection, changes] of this.#changed)
      for (const [record, { before, after }] of changes) {
        if (after !== null) target.put(collection, record, after)
        else if (before !== null) target.remove(collection, record)
      }
    const numbers = new Map<number, number>()
    for (const [collection, changes] of this.#added) {
      let next = target.nextRecord(collection)
      for (const [record, { after }] of changes) {
        if (after === null) continue
        target.add(collection, next, after)
        numbers.set(record, next++)
      }
    }
    return numbers
  }

  *#merged(collection: number, { where, ...range }: RecordRange): Generator<StoredDocument> {
    for (const found of this.#all(collection, range)) if (where === undefined || where(found.bytes)) yield found
  }

  *#all(collection: number, range: RecordRange): Generator<StoredDocument> {
    const changed = this.#changed.get(collection)
    const isOpen = (record: number) => record >= (range.from ?? 0) && record < (range.to ?? LAST_RECORD)
    const added = [...(this.#added.get(collection) ?? [])].filter(([record]) => isOpen(record))
    if (range.reverse) yield* documentsOf(added.sort(([a], [b]) => b - a))
    for (const found of this.#base.range(collection, range)) {
      const change = changed?.get(found.record)
      if (change === undefined) yield found
      else if (change.after !== null) yield { record: found.record, bytes: change.after }
    }
    if (!range.reverse) yield* documentsOf(added.sort(([a], [b]) => a - b))
  }

  #changesFor(record: number): Map<number, Changes> {
    return record < FIRST_PROVISIONAL_RECORD ? this.#changed : this.#added
  }

  #change({ collection, record, before }: Place, after: Buffer | null): void {
    const all = this.#changesFor(record)
    const changes = all.get(collection) ?? new Map<number, Change>()
    if (changes.size === 0) all.set(collection, changes)
    const known = changes.get(record)
    if (known) known.after = after
    else if (all === this.#added) changes.set(record, { before: null, after })
    else changes.set(record, { before: this.#claimed(collection, record, before), after })
  }

  /** Claims a document and gives what it is in the snapshot; `known` is that where the caller has read it. */
  #claimed(collection: number, record: number, known: Buffer | undefined): Buffer | null {
    const base = known ?? this.#base.get(collection, record)
    const before = base === undefined ? null : known === undefined ? copyOf(base) : known
    if (this.#around.isMoved() && !isEqual(this.#current.get(collection, record), before)) throw writeConflict()
    this.#around.claim(collection, record)
    return before
  }
}

interface Place {
  readonly collection: number
  readonly record: number
  readonly before: Buffer | undefined
}

function* documentsOf(changes: readonly (readonly [number, Change])[]): Generator<StoredDocument> {
  for (const [record, { after }] of changes) if (after !== null) yield { record, bytes: after }
}

function isEqual(bytes: Buffer | undefined, before: Buffer | null): boolean {
  if (bytes === undefined || before === null) return bytes === undefined && before === null
  return bytes.subarray(0, before.length).equals(before)
}
