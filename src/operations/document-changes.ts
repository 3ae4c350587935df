// Commits changes of whole documents in one transaction: all of them, or none; as a run that can be taken back.
import type { ClientSession, Collection, Document } from 'mongodb'
import { PlanDrifted } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import { connectionOf } from '../runtime/connection.ts'
import { currentTransaction } from '../runtime/context.ts'
import { transaction } from '../runtime/transaction.ts'
import { idOf } from './bulk-batch.ts'
import { type Images, prepareImages } from './bulk-images.ts'
import { keepAll } from './bulk-parts.ts'
import { exactDocument, idKey, isSameRaw, rawFields } from './raw-fields.ts'
import { startRun } from './run.ts'
import type { RunEnding, Step } from './run-steps.ts'
import type { Run } from './run-work.ts'

/** One document as it was when the change was made, and as it is to be, as stored; undefined where there is none. */
export interface DocumentChange {
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

/** The changes of one model's collection. */
export interface ModelChanges {
  readonly definition: ModelDefinition
  readonly changes: readonly DocumentChange[]
}

/** Writes all changes, with their audit and what takes them back. Throws `PlanDrifted` when a document is not what it was, and writes nothing. */
export async function commitChanges(
  alias: string,
  models: readonly ModelChanges[],
  reason?: string,
): Promise<RunEnding> {
  await prepareImages(alias)
  for (const { definition } of models) await prepareAudit(definition)
  const counts = models.map(({ definition, changes }) => `${changes.length} ${definition.name}`)
  const total = models.reduce((sum, { changes }) => sum + changes.length, 0)
  const summary = `commit ${counts.join(', ')}`
  const run = await startRun({ kind: 'commit', connection: alias, summary, onLocked: 'wait', reason, total })
  return run.walk(checkpoint => (checkpoint === null ? commitAll(run, models) : over(checkpoint)))
}

// The answer to the commit was lost, and it had happened.
async function over(checkpoint: unknown): Promise<Step> {
  return { checkpoint, done: true }
}

async function commitAll(run: Run, models: readonly ModelChanges[]): Promise<Step> {
  const matched = run.total ?? 0
  const step = { checkpoint: { seq: models.length * KINDS + 1 }, counted: { matched, changed: matched } }
  await transaction(
    async () => {
      for (const [place, part] of models.entries()) await commitModel(run, part, models.length - place - 1)
      await run.keep(step)
    },
    { connection: run.alias },
  )
  return { ...step, isKept: true, done: true }
}

// What a batch of images may be: it came, it was changed, marked, its mark taken off, or it left.
const KINDS = 5

async function commitModel(run: Run, part: ModelChanges, place: number): Promise<void> {
  const { definition, changes } = part
  const { client, db } = await connectionOf(run.alias)
  const { database, collection: name } = definition
  const collection = (database === undefined ? db : client.db(database)).collection(name)
  const { session } = currentTransaction()!
  const found = await run.time('compare', () => storedNow(changes, collection, session))
  const moved = changes.find(({ before, after }) => !isSameRaw(found.get(idKey((before ?? after)!)), before))
  if (moved) {
    const id = String(idOf((moved.before ?? moved.after)!))
    const reason = `${definition.name} ${id} has changed since`
    throw new PlanDrifted({ plan: 'of these writes', reason, hint: '.diff shows what they would do now' })
  }
  await run.time('write', () => writeAll(changes, collection, session))
  for (const images of imagesOf(part, place * KINDS + 1)) await keepAll({ run, definition }, images)
}

async function storedNow(changes: readonly DocumentChange[], collection: Collection, session: ClientSession) {
  const ids = changes.map(({ before, after }) => idOf((before ?? after)!) as never)
  const found = await collection.find({ _id: { $in: ids } }, { raw: true, session }).toArray()
  const all = found as unknown as readonly Uint8Array[]
  return new Map(all.map(bytes => [idKey(bytes), bytes]))
}

// What leaves makes room for what comes, where an index is unique.
async function writeAll(changes: readonly DocumentChange[], collection: Collection, session: ClientSession) {
  const writes: Document[] = []
  for (const { before, after } of changes)
    if (before && !after) writes.push({ deleteOne: { filter: { _id: idOf(before) } } })
  for (const { before, after } of changes)
    if (before && after)
      writes.push({ replaceOne: { filter: { _id: idOf(before) }, replacement: exactDocument(after) } })
  for (const { before, after } of changes)
    if (!before && after) writes.push({ insertOne: { document: exactDocument(after) } })
  await collection.bulkWrite(writes as never, { session, forceServerObjectId: true })
}

// Taken back in this order: what came leaves first, so that there is room for what returns.
function imagesOf({ definition, changes }: ModelChanges, seq: number): readonly Images[] {
  const came = changes.flatMap(({ before, after }) => (!before && after ? [after] : []))
  const stayed = changes.flatMap(({ before, after }) => (before && after ? [{ before, after }] : []))
  const left = changes.flatMap(({ before, after }) => (before && !after ? [before] : []))
  const changed = (operation: 'update' | 'delete' | 'restore'): Omit<Images, 'seq'> => {
    const own = stayed.filter(change => operationOf(definition, change) === operation)
    const images = { before: own.map(change => change.before), after: own.map(change => change.after) }
    return { action: 'change', operation, touched: null, ...images }
  }
  const all: readonly Omit<Images, 'seq'>[] = [
    { action: 'insert', operation: 'insert', touched: null, before: [], after: came },
    ...(['update', 'delete', 'restore'] as const).map(changed),
    { action: 'remove', operation: 'delete', touched: null, before: left, after: [] },
  ]
  return all
    .map((images, kind) => ({ ...images, seq: seq + kind }))
    .filter(({ before, after }) => before.length + after.length > 0)
}

// A model may keep what is deleted, with a mark.
function operationOf(definition: ModelDefinition, { before, after }: Record<'before' | 'after', Uint8Array>) {
  const { softDelete } = settingsOf(definition)
  if (!softDelete) return 'update'
  const [was, is] = [before, after].map(bytes => (rawFields(bytes).get(softDelete.field)?.[0] ?? NULL) !== NULL)
  if (was === is) return 'update'
  return is ? 'delete' : 'restore'
}

const NULL = 10
