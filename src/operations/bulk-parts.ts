// What all ways of changing a batch share: its documents, their images, their audit, and what goes with them.
import { type Document, MongoServerError } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { filterOf } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { type AuditBatch, preparedBatch } from '../runtime/audit-batch.ts'
import { type Stored, storedFrom } from '../runtime/codec.ts'
import { currentTransaction } from '../runtime/context.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import { cascadeMark } from '../runtime/soft-delete.ts'
import { type Batch, batchFilter, nextBatch, readBatch } from './bulk-batch.ts'
import { type BulkChange, type Constants, sentNow } from './bulk-change.ts'
import { type Images, keepImages } from './bulk-images.ts'
import type { PlannedBatch } from './plan-pages.ts'
import { idKey } from './raw-fields.ts'
import type { Run } from './run-work.ts'

/** What a bulk run needs to know beside its filter. */
export interface BulkParameters {
  readonly change: BulkChange
  /** The plan whose documents it keeps to, where it was planned. */
  readonly plan: string | null
}

/** A bulk run at work. */
export interface BulkWork {
  readonly run: Run
  readonly model: RuntimeModel
  readonly definition: ModelDefinition
  readonly change: BulkChange
  readonly filter: Document
}

/** Where a bulk run is: the number of the batch to come, and the `_id` behind which it begins. */
export interface BulkPlace {
  readonly seq: number
  readonly after?: unknown
}

/** Reads the documents of a batch: those that are planned, or the next ones that match. */
export async function documentsOf(work: BulkWork, place: BulkPlace, planned: PlannedBatch | undefined): Promise<Batch> {
  const { definition, filter, run, change } = work
  const { touched } = change
  if (!planned) return nextBatch(definition, { filter, after: place.after, limit: run.limits.batch, touched })
  const { first, last } = planned
  return { stored: await readBatch(definition, filterOf({ filters: [filter, planned.range] }), touched), first, last }
}

/** Gives documents without some of them. */
export function without(stored: readonly Uint8Array[], left: readonly Uint8Array[]): readonly Uint8Array[] {
  const gone = new Set(left)
  return gone.size > 0 ? stored.filter(bytes => !gone.has(bytes)) : stored
}

/** Keeps the images of a batch, and records it where the model is audited. */
export async function keepAll(work: Pick<BulkWork, 'run' | 'definition'>, images: Images): Promise<void> {
  return preparedKeeping(work, images)()
}

/** Makes what is to be kept of a batch, and gives what keeps it. */
export function preparedKeeping(
  { run, definition }: Pick<BulkWork, 'run' | 'definition'>,
  images: Images,
): () => Promise<void> {
  const record = settingsOf(definition).audit ? preparedBatch(definition, recordedOf(images)) : undefined
  return async () => {
    await run.time('journal', () => keepImages(run.alias, run.id, { ...images, model: definition.name }))
    if (record) await run.time('audit', record)
  }
}

/** Reads the documents of a batch after their change; the filter may no longer find them, so by their ids. */
export async function readAgain(
  { definition, change }: BulkWork,
  mine: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const ids = new Set(mine.map(idKey))
  const found = await readBatch(definition, batchFilter(mine), change.touched)
  return found.filter(bytes => ids.has(idKey(bytes)))
}

/** Marks what goes with the documents of a batch. */
export async function cascade(
  { run, definition }: Pick<BulkWork, 'run' | 'definition'>,
  mine: readonly Uint8Array[],
): Promise<void> {
  const { softDelete } = settingsOf(definition)
  if (!softDelete || softDelete.cascade.length === 0) return
  const mark = sentNow(definition, { action: 'mark', update: null, touched: null, hooks: false }) as {
    readonly $set: Stored
  }
  const ids = mine.map(bytes => storedFrom(bytes)._id)
  await run.time('cascade', () =>
    cascadeMark(softDelete.cascade, ids, {
      at: mark.$set[softDelete.field] as Date,
      deletion: mark.$set.deletion as never,
    }),
  )
}

/** Gives what the images of a batch say beside the documents. */
export function imagesOf({ change }: Pick<BulkWork, 'change'>, seq: number): Omit<Images, 'before' | 'after'> {
  const { action, touched } = change
  return {
    seq,
    action: action === 'remove' ? 'remove' : 'change',
    operation: action === 'update' ? 'update' : 'delete',
    touched,
  }
}

/** Makes the error of a batch that met other documents than it has read: its transaction is done again. */
export function changedMeanwhile(): Error {
  const error = new MongoServerError({ message: 'other documents were met than were read', code: WRITE_CONFLICT })
  error.addErrorLabel('TransientTransactionError')
  return error
}

const WRITE_CONFLICT = 112

/** Names what the run counts: documents changed, or deleted. */
export function countedAs({ action }: BulkChange): 'changed' | 'deleted' {
  return action === 'update' ? 'changed' : 'deleted'
}

function recordedOf({ before, after, set, unset, operation, seq: number }: Images): AuditBatch {
  const constants = set ? { set, unset: unset ?? [] } : undefined
  const isNew = currentTransaction() !== undefined
  return { operation, number, recordings: recordingsOf(before, after, constants), isNew }
}

// What was not there before, or is no longer there, is empty.
function recordingsOf(before: readonly Uint8Array[], after: readonly Uint8Array[], constants: Constants | undefined) {
  if (constants)
    return before
      .map(storedFrom)
      .map(old => ({ documentId: old._id, before: old, after: withConstants(old, constants) }))
  const later = new Map(after.map(bytes => [idKey(bytes), bytes]))
  const changed = before.map(bytes => {
    const [old, key] = [storedFrom(bytes), idKey(bytes)]
    const now = later.get(key)
    later.delete(key)
    return { documentId: old._id, before: old, after: now ? storedFrom(now) : {} }
  })
  const inserted = [...later.values()].map(storedFrom)
  return [...changed, ...inserted.map(now => ({ documentId: now._id, before: {}, after: now }))]
}

function withConstants(old: Stored, { set, unset }: Constants): Stored {
  const now = { ...old, ...set }
  for (const name of unset) delete now[name]
  return now
}
