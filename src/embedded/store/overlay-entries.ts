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
import { writeConflict } from './write-conflict.ts'

export class OverlayEntries implements Entries {
  readonly #base: Entries
  readonly #current: Entries
  readonly #claim: (key: string) => void
  readonly #changes = new Map<string, Change>()
  #sortedKeys: readonly string[] | undefined

  constructor(base: Entries, current: Entries, claim: (key: string) => void) {
    this.#base = base
    this.#current = current
    this.#claim = claim
  }

  get(key: Buffer): Buffer | undefined {
    const change = this.#changes.get(key.toString('latin1'))
    return change ? (change.after ?? undefined) : this.#base.get(key)
  }

  *range(range: EntryRange): Generator<Entry> {
    const own = this.#keysWithin(range)
    const isBefore = (a: string, b: string) => (range.reverse ? a > b : a < b)
    let next = 0
    for (const entry of this.#base.range(range)) {
      const key = entry.key.toString('latin1')
      for (; next < own.length && isBefore(own[next]!, key); next++) yield* this.#own(own[next]!)
      if (!this.#changes.has(key)) yield entry
    }
    for (; next < own.length; next++) yield* this.#own(own[next]!)
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
    this.#change(key, Buffer.from(value))
  }

  remove(key: Buffer): void {
    this.#change(key, null)
  }

  check(current: Entries): void {
    for (const [key, { before }] of this.#changes)
      if (!isEqual(current.get(Buffer.from(key, 'latin1')), before)) throw writeConflict()
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
  }

  *#own(key: string): Generator<Entry> {
    const value = this.#changes.get(key)!.after
    if (value !== null) yield { key: Buffer.from(key, 'latin1'), value }
  }

  #keysWithin({ from, to, reverse }: EntryRange): readonly string[] {
    this.#sortedKeys ??= [...this.#changes.keys()].sort()
    const [first, last] = [from.toString('latin1'), to.toString('latin1')]
    const keys = this.#sortedKeys.filter(key => key >= first && key < last)
    return reverse ? keys.reverse() : keys
  }

  #change(key: Buffer, after: Buffer | null): void {
    const text = key.toString('latin1')
    const known = this.#changes.get(text)
    if (known) {
      known.after = after
      return
    }
    const base = this.#base.get(key)
    const before = base === undefined ? null : Buffer.from(base)
    if (!isEqual(this.#current.get(key), before)) throw writeConflict()
    this.#claim(text)
    this.#changes.set(text, { before, after })
    this.#sortedKeys = undefined
  }
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
  return [Buffer.concat([key.subarray(0, -RECORD_BYTES), recordBytes(records.get(provisional)!)]), value]
}
