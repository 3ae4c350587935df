// Holds what a transaction writes above the snapshot it reads, until it is committed all at once or dropped.
import type { Claims } from './claims.ts'
import { type Data, FIRST_PROVISIONAL_RECORD } from './data.ts'
import type { Moment } from './moves.ts'
import { OverlayDocuments } from './overlay-documents.ts'
import { OverlayEntries } from './overlay-entries.ts'
import type { Snapshot } from './store.ts'
import { writeConflict } from './write-conflict.ts'

const NUMBERS_AT_ONCE = 2 ** 24

export class Overlay {
  readonly data: Data
  readonly #documents: OverlayDocuments
  readonly #entries: OverlayEntries
  readonly #meta: OverlayEntries
  readonly #watched = new Map<string, Buffer | null>()
  readonly #claims: Claims
  readonly #taken: Moment
  #nextRecord = FIRST_PROVISIONAL_RECORD

  /** `snapshot` is what the transaction reads, `current` the committed state that moves on meanwhile. */
  constructor({ data: snapshot, taken }: Snapshot, current: Data, claims: Claims) {
    this.#claims = claims
    this.#taken = taken
    const claim = (key: string) => claims.claim(this, key)
    const isMoved = () => !taken.isNewest()
    this.#documents = new OverlayDocuments(snapshot.documents, current.documents, {
      claim: (collection, record) => claims.claimDocument(this, collection, record),
      isMoved,
      nextRecord: () => this.#takeNumbers(),
    })
    this.#entries = new OverlayEntries(snapshot.entries, current.entries, {
      claim: key => claim(`x${key}`),
      isMoved,
      areIndexes: true,
    })
    this.#meta = new OverlayEntries(snapshot.meta, current.meta, { isMoved, claim: key => claim(`m${key}`) })
    this.data = {
      documents: this.#documents,
      entries: this.#entries,
      meta: this.#meta,
      watch: key => this.#watch(key, snapshot),
    }
  }

  get isEmpty(): boolean {
    return this.#documents.isEmpty && this.#entries.isEmpty && this.#meta.isEmpty
  }

  /** Writes everything, or throws a write conflict when the committed state is not what the snapshot was. */
  commitTo(data: Data): void {
    if (!this.#taken.isNewestOfAll()) this.#check(data)
    const records = this.#documents.apply(data.documents)
    this.#entries.applyRecords(data.entries, records)
    this.#meta.apply(data.meta)
  }

  release(): void {
    this.#claims.release(this)
  }

  #check(data: Data): void {
    for (const [key, before] of this.#watched)
      if (!isSame(data.meta.get(Buffer.from(key, 'latin1')), before)) throw writeConflict()
    this.#documents.check(data.documents)
    this.#entries.check(data.entries)
    this.#meta.check(data.meta)
  }

  /** Whoever asks once may count on from there. */
  #takeNumbers(): number {
    this.#nextRecord += NUMBERS_AT_ONCE
    return this.#nextRecord
  }

  #watch(key: Buffer, snapshot: Data): void {
    const text = key.toString('latin1')
    if (this.#watched.has(text)) return
    const bytes = snapshot.meta.get(key)
    this.#watched.set(text, bytes === undefined ? null : Buffer.from(bytes))
  }
}

function isSame(bytes: Buffer | undefined, before: Buffer | null): boolean {
  if (bytes === undefined || before === null) return bytes === undefined && before === null
  return bytes.equals(before)
}
