// Takes one batch of a run back: documents as they are now against what the run left and what was before.
import type { AnyBulkWriteOperation, Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { storedFrom } from '../runtime/codec.ts'
import { currentTransaction } from '../runtime/context.ts'
import { run as send } from '../runtime/execute.ts'
import { cascadeMark, cascadeUnmark, type Mark } from '../runtime/soft-delete.ts'
import { batchFilter, idKey, readBatch } from './bulk-batch.ts'
import type { Images } from './bulk-images.ts'
import { keepAll } from './bulk-parts.ts'
import { unchanged } from './bulk-stamps.ts'
import { exactDocument } from './raw-fields.ts'
import type { Note } from './run-document.ts'
import type { Run } from './run-work.ts'
import { restoring } from './undo-document.ts'

/** What is taken back, and how. */
export interface Taking {
  readonly run: Run
  readonly definition: ModelDefinition
  readonly force: boolean
  /** The operation id of the run that is taken back. */
  readonly operation: string
}

/** What has become of a batch: documents as they were before, and those that were left. */
export interface Outcome {
  readonly restored: number
  readonly conflicts: readonly Note[]
}

/** Takes a batch back. What has been taken back already counts as restored, so that it may be repeated. */
export async function takeBack(taking: Taking, images: Images): Promise<Outcome> {
  if (images.action === 'remove') return insertAgain(taking, images)
  if (images.action === 'insert') return removeAgain(taking, images)
  return restoreValues(taking, images)
}

async function restoreValues(taking: Taking, images: Images): Promise<Outcome> {
  const { run, definition, force } = taking
  const { before, touched } = images
  const now = await currentOf(taking, before, touched)
  const conflicts: Note[] = []
  const writes: { readonly bytes: Uint8Array; readonly update: Document }[] = []
  const after = afterOf(images)
  for (const image of before) {
    const bytes = now.get(idKey(image))
    const found = bytes && restoring(definition, { before: image, after: after(image), now: bytes }, force)
    if (!bytes || !found) conflicts.push({ _id: storedFrom(image)._id, why: 'it is gone' })
    else if ('conflict' in found)
      conflicts.push({ _id: storedFrom(image)._id, why: `"${found.conflict}" was changed since` })
    else if (found.update) writes.push({ bytes, update: found.update })
  }
  const missed = await write(taking, touched, writes)
  const mine = writes.map(({ bytes }) => bytes)
  if (mine.length > 0) {
    const ids = new Set(mine.map(idKey))
    const later = (await readBatch(definition, batchFilter(mine), touched)).filter(bytes => ids.has(idKey(bytes)))
    const operation = images.operation === 'update' ? 'update' : images.operation === 'delete' ? 'restore' : 'delete'
    await keepAll(taking, { seq: images.seq, action: 'change', operation, touched, before: mine, after: later })
    await run.time('cascade', () => cascadeBack(taking, images, mine))
  }
  if (missed > 0) conflicts.push({ why: `${missed} were changed meanwhile` })
  return { restored: before.length - conflicts.length - (missed > 1 ? missed - 1 : 0), conflicts }
}

async function write(
  { run, definition }: Taking,
  touched: readonly string[] | null,
  writes: readonly { readonly bytes: Uint8Array; readonly update: Document }[],
): Promise<number> {
  if (writes.length === 0) return 0
  const isGuarded = !currentTransaction()
  const operations = writes.map(({ bytes, update }): AnyBulkWriteOperation => {
    const filter: Document = { _id: exactDocument(bytes)._id }
    if (isGuarded) filter.$expr = { $and: unchanged(bytes, touched) }
    return { updateOne: { filter, update } }
  })
  const { matchedCount } = await run.time('write', () =>
    send(definition, { operation: 'bulkWrite', filter: {} }, (collection, session) =>
      collection.bulkWrite(operations, { ordered: false, ...session }),
    ),
  )
  return writes.length - matchedCount
}

async function insertAgain(taking: Taking, images: Images): Promise<Outcome> {
  const { run, definition } = taking
  const now = await currentOf(taking, images.before, null)
  const conflicts: Note[] = []
  const missing = images.before.filter(bytes => {
    const there = now.get(idKey(bytes))
    if (there && Buffer.compare(there, bytes) !== 0)
      conflicts.push({ _id: storedFrom(bytes)._id, why: 'there is another with its _id' })
    return !there
  })
  if (missing.length > 0) {
    await run.time('write', () =>
      send(definition, { operation: 'insert', filter: {} }, (collection, session) =>
        collection.insertMany(missing.map(exactDocument), { forceServerObjectId: true, ...session }),
      ),
    )
    await keepAll(taking, {
      seq: images.seq,
      action: 'insert',
      operation: 'restore',
      touched: null,
      before: [],
      after: missing,
    })
  }
  return { restored: images.before.length - conflicts.length, conflicts }
}

async function removeAgain(taking: Taking, images: Images): Promise<Outcome> {
  const { run, definition, force } = taking
  const now = await currentOf(taking, images.after, null)
  const conflicts: Note[] = []
  const mine = images.after.filter(bytes => {
    const there = now.get(idKey(bytes))
    const isSame = there && (force || Buffer.compare(there, bytes) === 0)
    if (there && !isSame) conflicts.push({ _id: storedFrom(bytes)._id, why: 'it was changed since' })
    return isSame
  })
  if (mine.length > 0) {
    const filter = { _id: { $in: mine.map(bytes => exactDocument(bytes)._id) } }
    await run.time('write', () =>
      send(definition, { operation: 'deleteMany', filter }, (collection, session) =>
        collection.deleteMany(filter, session),
      ),
    )
    await keepAll(taking, {
      seq: images.seq,
      action: 'remove',
      operation: 'delete',
      touched: null,
      before: mine,
      after: [],
    })
  }
  return { restored: images.after.length - conflicts.length, conflicts }
}

async function currentOf(
  { run, definition }: Taking,
  images: readonly Uint8Array[],
  touched: readonly string[] | null,
) {
  const found =
    images.length === 0 ? [] : await run.time('compare', () => readBatch(definition, batchFilter(images), touched))
  return new Map(found.map(bytes => [idKey(bytes), bytes]))
}

function afterOf({
  after,
  set,
  unset,
}: Images): (
  image: Uint8Array,
) => Uint8Array | { readonly set: Document; readonly unset: readonly string[] } | undefined {
  if (set) return () => ({ set, unset: unset ?? [] })
  const later = new Map(after.map(bytes => [idKey(bytes), bytes]))
  return image => later.get(idKey(image))
}

// What was deleted with the documents comes back with them, and goes with them again.
async function cascadeBack(
  { definition, operation }: Taking,
  images: Images,
  mine: readonly Uint8Array[],
): Promise<void> {
  const { softDelete } = settingsOf(definition)
  if (!softDelete || softDelete.cascade.length === 0 || images.operation === 'update') return
  const ids = mine.map(bytes => storedFrom(bytes)._id)
  if (images.operation === 'delete') return cascadeUnmark(softDelete.cascade, ids, operation)
  const [marked] = images.before.map(storedFrom)
  const mark = { at: marked?.[softDelete.field], deletion: marked?.deletion } as Mark
  return cascadeMark(softDelete.cascade, ids, mark)
}
