// Settles what an interrupted batch has left: copies of documents that are still where they were.
import type { Binary, Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { idsThere, keyOfId } from './archive-bytes.ts'
import { type ArchiveRecord, changeRecord, packedDigests, recordOf, recordsOf } from './archive-records.ts'
import type { ArchiveTarget } from './archive-target.ts'
import { runsOf } from './run-document.ts'
import type { Step } from './run-steps.ts'

/** What settling needs to know of an archive at work. */
export interface Settling {
  readonly run: { readonly id: string }
  readonly definition: ModelDefinition
  readonly filter: Document
  readonly target: ArchiveTarget
  readonly marks: readonly string[] | undefined
}

/** Where a run goes on: behind how many batches, and behind which place of the walk. */
export interface Checkpoint {
  readonly number: number
  readonly key: Binary | null
}

/** Settles the batch behind a checkpoint; gives a step when it had moved documents already. */
export async function settleEarlier(job: Settling, at: Checkpoint): Promise<Step | undefined> {
  const { definition, run } = job
  const last = await recordOf(definition, run.id, at.number)
  if (last) await dropStale(job, run.id, last)
  const open = await recordOf(definition, run.id, at.number + 1)
  if (!open) return undefined
  const count = open.state === 'done' ? open.ids.length : await settle(job, open)
  if (count === 0) return undefined
  const counted = { matched: count, copied: count, verified: count, deleted: count }
  return { checkpoint: { number: open.number, key: at.key }, counted }
}

/** Settles what earlier runs have left at the same place, under the lock that this one holds now. */
export async function settleDead(job: Settling, to: string): Promise<void> {
  const { definition, run } = job
  const runs = await runsOf(definition.connection)
  const mine = await runs.findOne({ _id: run.id })
  const left = { $or: [{ state: 'copying' }, { 'stale.0': { $exists: true } }] }
  const { collection } = definition
  for await (const record of recordsOf(definition, { kind: 'archive', collection, to, ...left })) {
    // Whoever works at a run holds its lock: nobody works at those whose lock is held here.
    const other = await runs.findOne({ _id: record.run, lock: mine?.lock ?? '' })
    if (!other || record.run === run.id) continue
    if (record.state === 'copying') await settle(job, record)
    else await dropStale(job, record.run, record)
  }
}

/** Takes copies out of the archive that are to be there no longer. */
export async function dropStale(
  { definition, target }: Settling,
  run: string,
  { number, stale }: { readonly number: number; readonly stale: readonly unknown[] },
): Promise<void> {
  if (stale.length === 0) return
  await target.retract(number, stale)
  await changeRecord(definition, { run, number }, { stale: [] })
}

// What is still where it was loses its copy; what is gone was deleted because of it. Gives how many those are.
async function settle({ definition, target, filter, marks }: Settling, open: ArchiveRecord): Promise<number> {
  const { run, number, ids } = open
  const entries = ids.map(id => ({ id, key: keyOfId(id) }))
  const living = await idsThere(definition, ids)
  const before = new Set(open.there.map(keyOfId))
  const copies = await target.digests({ number, ids, keys: entries.map(({ key }) => key), filter })
  const stale = entries.filter(({ key }) => living.has(key) && !before.has(key) && copies.has(key))
  await target.retract(number, idsOf(stale))
  const moved = entries.filter(({ key }) => !living.has(key) && copies.has(key))
  const digests = marks ? {} : { digests: packedDigests(moved, copies) }
  const done = { state: 'done' as const, ids: idsOf(moved), kept: [], stale: [], ...digests }
  await changeRecord(definition, { run, number }, done)
  return moved.length
}

function idsOf(entries: readonly { readonly id: unknown }[]): readonly unknown[] {
  return entries.map(({ id }) => id)
}
