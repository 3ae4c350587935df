// Takes a batch back on a server without transactions: what is meant is stored before it is done.
import type { ModelDefinition } from '../models/definition.ts'
import { run as send } from '../runtime/execute.ts'
import { batchFilter, readBatch } from './bulk-batch.ts'
import { type Images, imagesAt, keepImages } from './bulk-images.ts'
import { exactDocument, idKey } from './raw-fields.ts'
import type { Run } from './run-work.ts'
import { keysThere, readStamped, refusalOf, type StampedWrite, type Stamping, unstamp, writeStamped } from './stamps.ts'

/** An undo at work, as far as its batches need it. */
export interface GuardedUndo {
  readonly run: Run
  readonly definition: ModelDefinition
}

/** Gives what an earlier try of the batch has meant to do, or has done. */
export async function begunBefore({ run }: GuardedUndo, seq: number): Promise<Images | undefined> {
  return imagesAt(run.alias, run.id, seq)
}

/** Writes values back. Gives the images of the documents that were written; they stay stamped. */
export async function restoreGuarded(
  undo: GuardedUndo,
  intended: Images,
  writes: readonly StampedWrite[],
): Promise<Images> {
  const stamping = stampingOf(undo, intended)
  await intend(undo, intended)
  await undo.run.time('write', () => writeStamped(stamping, writes))
  const after = await readStamped(stamping, intended.before)
  const ids = new Set(after.map(idKey))
  return { ...intended, isIntended: false, before: intended.before.filter(bytes => ids.has(idKey(bytes))), after }
}

/** Inserts documents again. Gives the images of those that are there now. */
export async function insertGuarded(undo: GuardedUndo, intended: Images): Promise<Images> {
  const { definition, run } = undo
  await intend(undo, intended)
  const there = await keysThere(definition, intended.after)
  const missing = intended.after.filter(bytes => !there.has(idKey(bytes)))
  const options = { forceServerObjectId: true, ordered: false }
  if (missing.length > 0)
    await run.time('write', () =>
      refusalOf(() =>
        send(definition, { operation: 'insert', filter: {} }, (collection, session) =>
          collection.insertMany(missing.map(exactDocument), { ...options, ...session }),
        ),
      ),
    )
  const now = new Map((await readBatch(definition, batchFilter(intended.after), null)).map(one => [idKey(one), one]))
  const after = intended.after.filter(bytes => Buffer.compare(now.get(idKey(bytes)) ?? Buffer.alloc(0), bytes) === 0)
  return { ...intended, isIntended: false, after }
}

/** Removes documents again. Gives the images of those that have gone. */
export async function removeGuarded(undo: GuardedUndo, intended: Images): Promise<Images> {
  await intend(undo, intended)
  const writes = intended.before.map(bytes => ({ bytes, update: undefined }))
  await undo.run.time('write', () => writeStamped(stampingOf(undo, intended), writes))
  const there = await keysThere(undo.definition, intended.before)
  return { ...intended, isIntended: false, before: intended.before.filter(bytes => !there.has(idKey(bytes))) }
}

/** Takes the stamps off, when everything about the batch is stored. */
export async function completeGuarded(undo: GuardedUndo, images: Images): Promise<void> {
  await unstamp(stampingOf(undo, images), images.before)
}

async function intend({ run }: GuardedUndo, intended: Images): Promise<void> {
  await keepImages(run.alias, run.id, { ...intended, isIntended: true })
}

function stampingOf({ run, definition }: GuardedUndo, { seq, touched }: Images): Stamping {
  return { run, definition, seq, touched }
}
