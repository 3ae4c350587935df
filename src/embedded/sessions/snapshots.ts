// Keeps past states of the data readable for reads with read concern "snapshot", which name them by their time.
import { Timestamp } from 'mongodb'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { CommandError } from '../errors.ts'
import { objectAt } from '../operation/arguments.ts'
import type { Request } from '../operation/request.ts'
import type { Data } from '../store/data.ts'
import type { Snapshot, Store } from '../store/store.ts'
import { clockTimestamp } from '../writes/new-document.ts'

const LIFETIME_MILLISECONDS = 60_000
const READS = new Set(['find', 'aggregate', 'distinct'])
const LEVELS = new Set(['local', 'available', 'majority', 'linearizable', 'snapshot'])

interface Kept {
  readonly time: Timestamp
  readonly snapshot: Snapshot
  lastUsed: number
}

/** A past state that a command reads, and the time that names it. */
export interface PastState {
  readonly data: Data
  readonly time: Timestamp
}

const FIELDS = new Set([
  'level',
  'afterClusterTime',
  'atClusterTime',
  'afterOpTime',
  'provenance',
  'allowTransactionTableSnapshot',
  'waitLastStableRecoveryTimestamp',
])

export class Snapshots {
  readonly #store: Store
  readonly #kept = new Map<string, Kept>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Gives the state that a command asks to read; undefined for the present one. */
  stateFor({ name, body }: Request): PastState | undefined {
    const concern = objectAt(body, 'readConcern')
    if (concern === undefined) return undefined
    for (const field of concern.keys())
      if (!FIELDS.has(field)) throw new CommandError(40415, `BSON field 'readConcern.${field}' is an unknown field.`)
    const level = concern.get('level')
    if (level !== undefined && !LEVELS.has(level as string))
      throw new CommandError(
        'BadValue',
        `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`,
      )
    if (level !== 'snapshot') return undefined
    if (!READS.has(name))
      throw new CommandError('InvalidOptions', `read concern level snapshot is not supported by the command ${name}`)
    const time = concern.get('atClusterTime')
    return time instanceof Timestamp ? this.#known(time) : this.#taken()
  }

  /** Lets go of states that nobody asked for lately, and gives what they were. */
  release(now: number): readonly Data[] {
    const old = [...this.#kept.values()].filter(({ lastUsed }) => now - lastUsed > LIFETIME_MILLISECONDS)
    for (const { time } of old) this.#kept.delete(time.toString())
    for (const { snapshot } of old) snapshot.release()
    return old.map(({ snapshot }) => snapshot.data)
  }

  #known(time: Timestamp): PastState {
    const kept = this.#kept.get(time.toString())
    if (!kept) throw new CommandError(239, `Read timestamp ${time} is older than the oldest available timestamp.`)
    kept.lastUsed = Date.now()
    return { data: kept.snapshot.data, time }
  }

  #taken(): PastState {
    const time = clockTimestamp()
    const snapshot = this.#store.snapshot()
    this.#kept.set(time.toString(), { time, snapshot, lastUsed: Date.now() })
    return { data: snapshot.data, time }
  }
}

/** Adds the time of the state that was read to a reply, by which the session reads the same state again. */
export function withTime(reply: Buffer, time: Timestamp): Buffer {
  const document = decodeDocument(reply)
  const cursor = document.get('cursor')
  if (cursor instanceof Map) (cursor as Document).set('atClusterTime', time)
  else document.set('atClusterTime', time)
  return encodeDocument(document)
}
