// Holds a transaction's index and catalog entries above those of its snapshot.
import {
  type Change,
  type Entries,
  type Entry,
  type EntryRange,
  FIRST_PROVISIONAL_RECORD,
  RECORD_BYTES,
  recordAt,
  recordBytes,
} from './data.ts'
import { NO_VALUE } from './index-entries.ts'
import { OwnKeys } from './own-keys.ts'
import { writeConflict } from './write-conflict.ts'

interface Surroundings {
  claim(key: string): void
  /** whether somebody may have written since the snapshot */
  isMoved(): boolean
  /** whether these are entries of indexes, whose keys end with a record where they have no value */
  readonly areIndexes?: boolean
}

export class OverlayEntries implements Entries {
  readonly #base: Entries
  readonly #current: Entries
  readonly #around: Surroundings
  readonly #changes = new Map<string, Change>()
  readonly #keys = new OwnKeys()
  /** entries of new documents by their indexes, which hardly anybody looks for before they are committed */
  readonly #fresh = new Map<number, Buffer[]>()

  constructor(base: Entries, current: Entries, around: Surroundings) {
    this.#base = base
    this.#current = current
    this.#around = around
  }

  get isEmpty(): boolean {
    return this.#changes.size === 0 && this.#fresh.size === 0
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#fresh.size > 0) this.#settle(key)
    const change = this.#changes.size === 0 ? undefined : this.#changes.get(key.toString('latin1'))
    return change ? (change.after ?? undefined) : this.#base.get(key)
  }

  range(range: EntryRange): Iterable<Entry> {
    for (const index of [...this.#fresh.keys()])
      if (index >= part(range.from) && index <= part(range.to)) this.#settleAll(index)
    const own = this.#keys.within(range)
    return own.length === 0 ? this.#base.range(range) : this.#merged(range, own)
  }

  count(range: EntryRange): number {
    let count = 0
    for (const _ of this.range(range)) count++
    return count
  }

  add(key: Buffer, value: Buffer): boolean {
    if (this.get(key) !== undefined) return false
    this.put(key, value)
    return true
  }

  put(key: Buffer, value: Buffer): void {
    if (!this.#isOwn(key, value)) this.#change(key, value)
    else if (this.#fresh.get(part(key))?.push(key) === undefined) this.#fresh.set(part(key), [key])
  }

  remove(key: Buffer): void {
    if (this.#fresh.size > 0) this.#settle(key)
    this.#change(key, null)
  }

  check(current: Entries): void {
    for (const [text, { before, after }] of this.#changes) {
      const key = Buffer.from(text, 'latin1')
      if (!this.#isOwn(key, after) && !isEqual(current.get(key), before)) throw writeConflict()
    }
  }

  apply(target: Entries): void {
    this.applyRecords(target, new Map())
  }

  /** Writes the changes, with the real numbers of the records that were new. */
  applyRecords(target: Entries, records: ReadonlyMap<number, number>): void {
    for (const [text, { before, after }] of this.#changes) {
      const key = Buffer.from(text, 'latin1')
      if (after !== null) target.put(...renumbered(key, after, records))
      else if (before !== null) target.remove(key)
    }
    for (const keys of this.#fresh.values()) for (const key of keys) target.put(...renumbered(key, NO_VALUE, records))
  }

  /** Makes fresh entries ones that can be looked for, where a key may be one of them. */
  #settle(key: Buffer): void {
    if (this.#fresh.has(part(key)) && isProvisional(key)) this.#settleAll(part(key))
  }

  #settleAll(index: number): void {
    const keys = this.#fresh.get(index) ?? []
    this.#fresh.delete(index)
    for (const key of keys) this.#change(key, NO_VALUE)
  }

  *#merged(range: EntryRange, own: readonly string[]): Generator<Entry> {
    const isBefore = (a: string, b: string) => (range.reverse ? a > b : a < b)
    let next = 0
    for (const entry of this.#base.range(range)) {
      const key = entry.key.toString('latin1')
      for (; next < own.length && isBefore(own[next]!, key); next++) yield* this.#own(own[next]!)
      if (!this.#changes.has(key)) yield entry
    }
    for (; next < own.length; next++) yield* this.#own(own[next]!)
  }

  *#own(key: string): Generator<Entry> {
    const value = this.#changes.get(key)!.after
    if (value !== null) yield { key: Buffer.from(key, 'latin1'), value }
  }

  #change(key: Buffer, after: Buffer | null): void {
    const text = key.toString('latin1')
    const known = this.#changes.get(text)
    if (known) {
      known.after = after
      return
    }
    const before = this.#isOwn(key, after) ? null : this.#claimed(key, text)
    this.#changes.set(text, { before, after })
    this.#keys.add(text)
  }

  /** Entries of a document that is new have its provisional number: nobody else can have them. */
  #isOwn(key: Buffer, after: Buffer | null): boolean {
    return this.#around.areIndexes === true && after?.length === NO_VALUE.length && isProvisional(key)
  }

  #claimed(key: Buffer, text: string): Buffer | null {
    const base = this.#base.get(key)
    const before = base === undefined ? null : Buffer.from(base)
    if (this.#around.isMoved() && !isEqual(this.#current.get(key), before)) throw writeConflict()
    this.#around.claim(text)
    return before
  }
}

/** Keys of one index begin with its number; those of the catalog are never fresh. */
function part(key: Buffer): number {
  return key.length < 4 ? 0 : key.readUInt32BE()
}

function isProvisional(key: Buffer): boolean {
  return key.length > RECORD_BYTES && recordAt(key, key.length) >= FIRST_PROVISIONAL_RECORD
}

function isEqual(bytes: Buffer | undefined, before: Buffer | null): boolean {
  if (bytes === undefined || before === null) return bytes === undefined && before === null
  return bytes.equals(before)
}

/** An entry of a unique index has the record as its value, one of any other index at the end of its key. */
function renumbered(key: Buffer, value: Buffer, records: ReadonlyMap<number, number>): [Buffer, Buffer] {
  if (records.size === 0) return [key, value]
  if (value.length === RECORD_BYTES) {
    const record = records.get(recordAt(value, RECORD_BYTES))
    return [key, record === undefined ? value : recordBytes(record)]
  }
  const provisional = recordAt(key, key.length)
  if (provisional < FIRST_PROVISIONAL_RECORD) return [key, value]
  key.writeUIntBE(records.get(provisional)!, key.length - RECORD_BYTES, RECORD_BYTES)
  return [key, value]
}
