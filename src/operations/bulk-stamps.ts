// A batch on a server without transactions: images first, then guarded writes that leave a stamp.
import { idOf } from './bulk-batch.ts'
import { sentNow } from './bulk-change.ts'
import { type Images, imagesAt, keepImages } from './bulk-images.ts'
import {
  type BulkPlace,
  type BulkWork,
  cascade,
  countedAs,
  documentsOf,
  imagesOf,
  keepAll,
  without,
} from './bulk-parts.ts'
import type { PlannedBatch } from './plan-pages.ts'
import { idKey } from './raw-fields.ts'
import type { Step } from './run-steps.ts'
import { keysThere, readStamped, type Stamping, unstamp, writeStamped } from './stamps.ts'

/** Does one batch, or what is left of it after a crash; `planned` are the documents it keeps to. */
export async function guardedBatch(work: BulkWork, place: BulkPlace, planned: PlannedBatch | undefined): Promise<Step> {
  const { run } = work
  const { seq } = place
  const begun = await imagesAt(run.alias, run.id, seq)
  const mine = begun ? begun.before : await run.time('find', () => intended(work, place, planned))
  if (mine.length === 0 && !planned) return { checkpoint: place, done: true }
  const isChanged = begun !== undefined && !begun.isIntended
  const { images, refused } = isChanged ? { images: begun, refused: undefined } : await changed(work, seq, mine)
  await complete(work, images)
  const count = images.before.length
  const kept = Math.max(mine.length, planned?.count ?? 0) - count
  const step: Step = {
    checkpoint: { seq: seq + 1, after: planned?.last ?? lastOf(mine) },
    counted: { matched: count + kept, [countedAs(work.change)]: count, ...(kept > 0 ? { kept } : {}) },
    ...(kept > 0 ? { noted: [{ batch: seq, why: `${kept} changed meanwhile or refused: left as they are` }] } : {}),
  }
  if (refused === undefined) return step
  // The rest of the batch is done, as it could be taken back: what goes on goes on behind it.
  await run.keep(step)
  throw refused
}

// The images are stored before anything is changed: after a crash they say what the batch was.
async function intended(
  work: BulkWork,
  place: BulkPlace,
  planned: PlannedBatch | undefined,
): Promise<readonly Uint8Array[]> {
  const { run } = work
  const { stored } = await documentsOf(work, place, planned)
  const before = planned ? without(stored, planned.othersIn(stored)) : stored
  if (before.length > 0)
    await keepImages(run.alias, run.id, { ...imagesOf(work, place.seq), before, after: [], isIntended: true })
  return before
}

interface Changed {
  readonly images: Images
  /** Why the server has refused some of the documents. */
  readonly refused: unknown
}

async function changed(work: BulkWork, seq: number, mine: readonly Uint8Array[]): Promise<Changed> {
  const { run, definition, change } = work
  const stamping = stampingOf(work, seq)
  const update = change.action === 'remove' ? undefined : sentNow(definition, change)
  const writes = mine.map(bytes => ({ bytes, update }))
  const refused = await run.time('write', () => writeStamped(stamping, writes))
  if (!update) {
    const there = await keysThere(definition, mine)
    const before = mine.filter(bytes => !there.has(idKey(bytes)))
    return { images: { ...imagesOf(work, seq), before, after: [] }, refused }
  }
  const after = await run.time('read back', () => readStamped(stamping, mine))
  const ids = new Set(after.map(idKey))
  return { images: { ...imagesOf(work, seq), before: mine.filter(bytes => ids.has(idKey(bytes))), after }, refused }
}

async function complete(work: BulkWork, images: Images): Promise<void> {
  if (images.before.length === 0) return
  await keepAll(work, images)
  if (work.change.action === 'mark') await cascade(work, images.before)
  if (work.change.action !== 'remove') await unstamp(stampingOf(work, images.seq), images.before)
}

function stampingOf({ run, definition, change }: BulkWork, seq: number): Stamping {
  return { run, definition, seq, touched: change.touched }
}

function lastOf(mine: readonly Uint8Array[]): unknown {
  const last = mine.at(-1)
  return last && idOf(last)
}
