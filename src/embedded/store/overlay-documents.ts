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

interface Numbering {
  claim(key: string): void
  nextRecord(): number
}

export class OverlayDocuments implements Documents {
  readonly #base: Documents
  readonly #current: Documents
  readonly #numbering: Numbering
  readonly #changes = new Map<number, Map<number, Change>>()

  constructor(base: Documents, current: Documents, numbering: Numbering) {
    this.#base = base
    this.#current = current
    this.#numbering = numbering
  }

  get(collection: number, record: number): Buffer | undefined {
    const change = this.#changes.get(collection)?.get(record)
    return change ? (change.after ?? undefined) : this.#base.get(collection, record)
  }

  *range(collection: number, { where, ...range }: RecordRange): Generator<StoredDocument> {
    for (const found of this.#all(collection, range)) if (where === undefined || where(found.bytes)) yield found
  }

  count(collection: number): number {
    let count = this.#base.count(collection)
    for (const { before, after } of this.#changes.get(collection)?.values() ?? [])
      count += (after === null ? 0 : 1) - (before === null ? 0 : 1)
    return count
  }

  nextRecord(): number {
    return this.#numbering.nextRecord()
  }

  add(collection: number, record: number, bytes: Buffer): void {
    this.put(collection, record, bytes)
  }

  put(collection: number, record: number, bytes: Buffer): void {
    this.#change(collection, record, copyOf(bytes))
  }

  remove(collection: number, record: number): void {
    this.#change(collection, record, null)
  }

  check(current: Documents): void {
    for (const [collection, changes] of this.#changes)
      for (const [record, { before }] of changes)
        if (!isEqual(current.get(collection, record), before)) throw writeConflict()
  }

  /** Writes the changes and gives the numbers that new documents got for their provisional ones. */
  apply(target: Documents): ReadonlyMap<number, number> {
    const numbers = new Map<number, number>()
    for (const [collection, changes] of this.#changes) {
      let next: number | undefined
      for (const [record, { before, after }] of changes) {
        if (after === null) {
          if (before !== null) target.remove(collection, record)
          continue
        }
        if (record < FIRST_PROVISIONAL_RECORD) target.put(collection, record, after)
        else {
          next = (next ?? target.nextRecord(collection) - 1) + 1
          numbers.set(record, next)
          target.put(collection, next, after)
        }
      }
    }
    return numbers
  }

  *#all(collection: number, range: RecordRange): Generator<StoredDocument> {
    const changes = this.#changes.get(collection)
    const base = this.#base.range(collection, range)
    const isOpen = (record: number) => record >= (range.from ?? 0) && record < (range.to ?? LAST_RECORD)
    const added = [...(changes ?? [])].filter(([record]) => record >= FIRST_PROVISIONAL_RECORD && isOpen(record))
    if (range.reverse) yield* documentsOf(added.sort(([a], [b]) => b - a))
    for (const { record, bytes } of base) {
      const change = changes?.get(record)
      if (change === undefined) yield { record, bytes }
      else if (change.after !== null) yield { record, bytes: change.after }
    }
    if (!range.reverse) yield* documentsOf(added.sort(([a], [b]) => a - b))
  }

  #change(collection: number, record: number, after: Buffer | null): void {
    const changes = this.#changes.get(collection) ?? new Map<number, Change>()
    this.#changes.set(collection, changes)
    const known = changes.get(record)
    if (known) {
      known.after = after
      return
    }
    const base = this.#base.get(collection, record)
    const before = base === undefined ? null : copyOf(base)
    if (!isEqual(this.#current.get(collection, record), before)) throw writeConflict()
    this.#numbering.claim(`d${collection}:${record}`)
    changes.set(record, { before, after })
  }
}

function* documentsOf(changes: readonly (readonly [number, Change])[]): Generator<StoredDocument> {
  for (const [record, { after }] of changes) if (after !== null) yield { record, bytes: after }
}

function isEqual(bytes: Buffer | undefined, before: Buffer | null): boolean {
  if (bytes === undefined || before === null) return bytes === undefined && before === null
  return bytes.subarray(0, before.length).equals(before)
}
