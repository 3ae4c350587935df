// The document of a run: what a long operation is, how far it has come, and what it is asked to do next.
import { Binary, BSON, type Collection, type Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import { connectionOf } from '../runtime/connection.ts'
import type { Holder } from './holder.ts'
import type { OnLocked } from './lease.ts'
import { damageOf } from './run-damage.ts'

/** The collection of runs. */
export const RUNS = '_goose_runs'

/** Limits a run keeps to; all may be changed while it runs. */
export interface RunLimits {
  /** Documents in a batch. */
  readonly batch: number
  /** Documents in a second, at most. */
  readonly rate?: number | undefined
  /** Waits while a majority write takes longer, in milliseconds. */
  readonly maxLag?: number | undefined
  /** Stops after so many milliseconds; it can be resumed. */
  readonly runTime?: number | undefined
  /** Refuses to begin when more match. */
  readonly maxDocs?: number | undefined
}

/** What a long operation is, before it begins. */
export interface RunRequest {
  /** The name in the table of what can be resumed: `bulk update`, `archive`, `import`… */
  readonly kind: string
  /** The model it works on, where it works on one. */
  readonly model?: string
  /** The alias of the connection whose database keeps the run. */
  readonly connection?: string
  /** A sentence for people; never with a secret in it. */
  readonly summary: string
  /** The name only one run at a time may hold; kind and model otherwise. */
  readonly lock?: string | undefined
  readonly onLocked?: OnLocked | undefined
  /** The filter as it is sent to the server. A resume uses this one, with its BSON types. */
  readonly filter?: Document
  /** Whatever a resume needs to know; kept with its BSON types. */
  readonly parameters?: Document
  readonly reason?: string | undefined
  readonly limits?: Partial<RunLimits>
  /** How many documents it expects to go through. */
  readonly total?: number
}

/** Where a run is in its life. `running` with a lease that has run out is a run whose process has died; `refused` has met what cannot be done. */
export type RunState = 'running' | 'paused' | 'stopped' | 'failed' | 'refused' | 'cancelled' | 'done'

/** The states of runs that nobody goes on with. */
export const OVER = ['refused', 'cancelled', 'done'] as const satisfies readonly RunState[]

/** Tells whether nobody goes on with a run in this state. */
export function isOver(state: RunState): boolean {
  return (OVER as readonly RunState[]).includes(state)
}

/** Numbers by their name: matched, changed, failed… */
export type Counters = Readonly<Record<string, number>>

/** Adds counters, name by name. */
export function summed(one: Counters, other: Counters): Counters {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** Something that was left or has failed: which document or batch, and why. */
export type Note = Readonly<Record<string, unknown>> & { readonly why: string }

/** A run as it is stored. */
export interface StoredRun {
  readonly _id: string
  readonly op: string
  readonly kind: string
  readonly model: string | null
  readonly summary: string
  readonly state: RunState
  readonly lock: string
  readonly fence: number
  readonly by: Holder
  readonly reason: string | null
  readonly filter: Binary
  readonly parameters: Binary
  readonly limits: RunLimits
  readonly total: number | null
  /** Where to go on, as the operation itself understands it. */
  readonly checkpoint: unknown
  readonly counters: Counters
  /** Milliseconds by step. */
  readonly times: Counters
  readonly control: { readonly pause?: boolean; readonly stop?: 'stop' | 'cancel' }
  readonly startedAt: Date
  readonly updatedAt: Date
  readonly endedAt: Date | null
  /** Why it quit. */
  readonly why: string | null
  readonly noted: readonly Note[]
  readonly log: readonly { readonly at: Date; readonly text: string }[]
}

const LOG_LINES = 200
const NOTES = 100

/** Gives the runs of a connection's database. */
export async function runsOf(alias: string): Promise<Collection<StoredRun>> {
  const { db } = await connectionOf(alias)
  return db.collection<StoredRun>(RUNS, { writeConcern: { w: 'majority' } })
}

/** Finds a run by its id, or the end of it. Throws `RUN_NOT_FOUND`. */
export async function storedRun(alias: string, id: string): Promise<StoredRun> {
  const runs = await runsOf(alias)
  const exact = await runs.findOne({ _id: id })
  if (exact) return sound(exact)
  const isEnding = /^\w+$/.test(id)
  const ending = () => ({ _id: new RegExp(`${id}$`) as never })
  const [found, another] = isEnding ? await runs.find(ending()).limit(2).toArray() : []
  if (found && !another) return sound(found)
  const hint = another ? 'more than one run ends so; give more of its id' : 'see `goose jobs list`'
  throw new GooseError('RUN_NOT_FOUND', { run: id, hint })
}

function sound(stored: StoredRun): StoredRun {
  const field = damageOf(stored)
  if (field === undefined) return stored
  const hint = 'somebody has changed it; start the work again'
  throw new GooseError('RUN_REFUSED', { run: stored._id, reason: `its document is damaged: "${field}"`, hint })
}

/** Closes a run that has stopped or failed and that nobody can go on with. */
export async function closeRefused(
  alias: string,
  run: string,
  more: Partial<Pick<StoredRun, 'why'>> = {},
): Promise<void> {
  const ended = { _id: run, state: { $in: ['stopped', 'failed'] as RunState[] } }
  await (await runsOf(alias)).updateOne(ended, { $set: { state: 'refused', ...more } })
}

/** Keeps a document with all its BSON types: filters hold keys that Extended JSON would read as types. */
export function packed(document: Document): Binary {
  return new Binary(BSON.serialize(document, { ignoreUndefined: true }))
}

/** Gives a kept document, ready to be sent as it was. */
export function unpacked(kept: Binary): Document {
  return BSON.deserialize(kept.buffer, { promoteValues: false, promoteBuffers: false, bsonRegExp: true })
}

/** Gives a kept document with plain numbers, as a program reads it. */
export function unpackedPlain<T>(kept: Binary): T {
  return BSON.deserialize(kept.buffer, { promoteBuffers: false }) as T
}

/** Gives the update that adds notes to a run. */
export function notes(noted: readonly Note[]): Document {
  return { noted: { $each: noted, $slice: NOTES } }
}

/** Gives the update that adds a line to a run's log. */
export function logLine(text: string): Document {
  return { log: { $each: [{ at: new Date(), text }], $slice: -LOG_LINES } }
}
