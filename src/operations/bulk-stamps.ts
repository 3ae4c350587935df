// A batch on a server without transactions: images first, then guarded writes that leave a stamp.
import type { AnyBulkWriteOperation, Document } from 'mongodb'
import type { SentUpdate } from '../models/update.ts'
import { run as send } from '../runtime/execute.ts'
import { batchFilter, idKey, readBatch } from './bulk-batch.ts'
import { sentNow } from './bulk-change.ts'
import { hookedBatch } from './bulk-hooks.ts'
import { type Images, imagesAt, keepImages } from './bulk-images.ts'
import { type BulkPlace, type BulkWork, cascade, countedAs, documentsOf, imagesOf, keepAll } from './bulk-parts.ts'
import type { PlannedBatch } from './plan-pages.ts'
import { exactDocument, rawFields } from './raw-fields.ts'
import type { Step } from './run-steps.ts'

/** The field that says which run has changed a document, until its batch is complete. */
export const STAMP = '_goose'

/** Does one batch, or what is left of it after a crash; `planned` are the documents it keeps to. */
export async function guardedBatch(work: BulkWork, place: BulkPlace, planned: PlannedBatch | undefined): Promise<Step> {
  const { run } = work
  const { seq } = place
  const begun = await imagesAt(run.alias, run.id, seq)
  const mine = begun ? begun.before : await run.time('find', () => intended(work, place, planned))
  if (mine.length === 0 && !planned) return { checkpoint: place, done: true }
  const images = begun && !begun.isIntended ? begun : await changed(work, seq, mine)
  // With hooks, each document is recorded as it is saved.
  if (images && images.before.length > 0)
    await (work.change.hooks ? keepImages(run.alias, run.id, images) : keepAll(work, images))
  if (images && work.change.action === 'mark') await cascade(work, images.before)
  await unstamp(work, seq)
  const done = images?.before.length ?? 0
  const kept = Math.max(mine.length, planned?.count ?? 0) - done
  return {
    checkpoint: { seq: seq + 1, after: planned?.last ?? lastOf(mine) },
    counted: { matched: done + kept, [countedAs(work.change)]: done, ...(kept > 0 ? { kept } : {}) },
    ...(kept > 0 ? { noted: [{ batch: seq, why: `${kept} changed meanwhile: left as they are` }] } : {}),
  }
}

// The images are stored before anything is changed: after a crash they say what the batch was.
async function intended(
  work: BulkWork,
  place: BulkPlace,
  planned: PlannedBatch | undefined,
): Promise<readonly Uint8Array[]> {
  const { run } = work
  const { stored } = await documentsOf(work, place, planned)
  const before = planned ? stored.filter(bytes => planned.has(bytes)) : stored
  if (before.length > 0)
    await keepImages(run.alias, run.id, {
      ...imagesOf(work, place.seq),

      before,
      after: [],
      isIntended: true,
    })
  return before
}

async function changed(work: BulkWork, seq: number, mine: readonly Uint8Array[]): Promise<Images | undefined> {
  if (mine.length === 0) return undefined
  const { run, definition, change } = work
  if (change.hooks) {
    await hookedBatch(work, seq, mine)
    return imagesAt(run.alias, run.id, seq)
  }
  await run.time('write', () => write(work, seq, mine))
  if (change.action === 'remove') {
    const there = new Set((await readBatch(definition, batchFilter(mine), [])).map(idKey))
    return { ...imagesOf(work, seq), before: mine.filter(bytes => !there.has(idKey(bytes))), after: [] }
  }
  const stamped = { ...batchFilter(mine), [`${STAMP}.run`]: run.id, [`${STAMP}.seq`]: seq }
  const after = await run.time('read back', () => readBatch(definition, stamped, change.touched))
  const ids = new Set(after.map(idKey))
  return { ...imagesOf(work, seq), before: mine.filter(bytes => ids.has(idKey(bytes))), after }
}

// Each document is changed only while it is what its image says, and only once.
async function write({ run, definition, change }: BulkWork, seq: number, mine: readonly Uint8Array[]): Promise<void> {
  const update = change.action === 'remove' ? undefined : stamping(sentNow(definition, change), { run: run.id, seq })
  const operations = mine.map((bytes): AnyBulkWriteOperation => {
    const filter = {
      _id: exactDocument(bytes)._id,
      [`${STAMP}.run`]: { $ne: run.id },
      $expr: { $and: unchanged(bytes, change.touched) },
    }
    return update ? { updateOne: { filter, update } } : { deleteOne: { filter } }
  })
  await send(definition, { operation: 'updateMany', filter: {} }, (collection, session) =>
    collection.bulkWrite(operations, { ordered: false, ...session }),
  )
}

/** Gives the expressions that hold while a document is what its image says. */
export function unchanged(bytes: Uint8Array, touched: readonly string[] | null): readonly Document[] {
  const document = exactDocument(bytes) as Document | ReadonlyMap<string, unknown>
  const value = (name: string) => (document instanceof Map ? document.get(name) : (document as Document)[name])
  const there = rawFields(bytes)
  return (touched ?? [...there.keys()]).map(name =>
    there.has(name)
      ? { $eq: [{ $getField: name }, { $literal: value(name) }] }
      : { $eq: [{ $type: { $getField: name } }, 'missing'] },
  )
}

function stamping(update: SentUpdate, stamp: Document): Document | Document[] {
  if (Array.isArray(update)) return [...update, { $set: { [STAMP]: { $literal: stamp } } }]
  return { ...update, $set: { ...(update.$set as Document | undefined), [STAMP]: stamp } }
}

async function unstamp({ run, definition, change }: BulkWork, seq: number): Promise<void> {
  if (change.hooks || change.action === 'remove') return
  const images = await imagesAt(run.alias, run.id, seq)
  if (!images || images.before.length === 0) return
  const filter = { ...batchFilter(images.before), [`${STAMP}.run`]: run.id }
  await send(definition, { operation: 'updateMany', filter }, (collection, session) =>
    collection.updateMany(filter, { $unset: { [STAMP]: 1 } }, session),
  )
}

function lastOf(mine: readonly Uint8Array[]): unknown {
  const last = mine.at(-1)
  return last && exactDocument(last)._id
}
