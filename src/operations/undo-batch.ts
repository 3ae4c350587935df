// Takes one batch of a run back: documents as they are now against what the run left and what was before.
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { storedFrom } from '../runtime/codec.ts'
import { currentTransaction } from '../runtime/context.ts'
import { run as send } from '../runtime/execute.ts'
import { cascadeMark, cascadeUnmark, type Mark } from '../runtime/soft-delete.ts'
import { batchFilter, idOf, readBatch } from './bulk-batch.ts'
import type { Images } from './bulk-images.ts'
import { keepAll } from './bulk-parts.ts'
import { exactDocument, idKey } from './raw-fields.ts'
import type { Note } from './run-document.ts'
import type { Run } from './run-work.ts'
import { decide } from './undo-decisions.ts'
import { type Restored, writeGroups } from './undo-groups.ts'
import { begunBefore, completeGuarded, insertGuarded, removeGuarded, restoreGuarded } from './undo-stamps.ts'

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
  const begun = await begunOf(taking, images)
  const found = await currentOf(taking, before, touched)
  // A try that was cut off has decided already; what it has written must not look like somebody's change.
  const now = begun ? new Map([...found, ...keyed(begun.before)]) : found
  const { groups, members, conflicts } = decide({ definition, force, now }, images)
  const operation = images.operation === 'update' ? 'update' : images.operation === 'delete' ? 'restore' : 'delete'
  const meant = { seq: images.seq, action: 'change', operation, touched, before: members, after: [] } as const
  const written = await writeBack(taking, { meant, begun }, { groups, members, isAlone: members.length === found.size })
  if (written.before.length > 0) {
    await keepAll(taking, written)
    await run.time('cascade', () => cascadeBack(taking, images, written.before))
    if (!currentTransaction()) await completeGuarded(taking, written)
  }
  return outcomeOf(before.length, conflicts, members.length - written.before.length)
}

interface Meant {
  readonly meant: Images
  readonly begun: Images | undefined
}

async function writeBack(taking: Taking, { meant, begun }: Meant, restored: Restored): Promise<Images> {
  if (begun && !begun.isIntended) return begun
  if (meant.before.length === 0) return meant
  if (currentTransaction()) return { ...meant, ...(await writeGroups(taking, restored, meant.touched)) }
  const writes = restored.groups.flatMap(({ update, members }) => members.map(bytes => ({ bytes, update })))
  return restoreGuarded(taking, meant, writes)
}

async function insertAgain(taking: Taking, images: Images): Promise<Outcome> {
  const { run, definition } = taking
  const begun = await begunOf(taking, images)
  const decided = new Set(begun?.after.map(idKey))
  const now = await currentOf(taking, images.before, null)
  const conflicts: Note[] = []
  const missing = images.before.filter(bytes => {
    if (decided.has(idKey(bytes))) return true
    const there = now.get(idKey(bytes))
    if (there && Buffer.compare(there, bytes) !== 0)
      conflicts.push({ _id: storedFrom(bytes)._id, why: 'there is another with its _id' })
    return !there
  })
  if (missing.length === 0) return outcomeOf(images.before.length, conflicts, 0)
  const place = { seq: images.seq, action: 'insert', operation: 'restore', touched: null } as const
  const meant: Images = { ...place, before: [], after: missing }
  let written = begun && !begun.isIntended ? begun : meant
  if (!currentTransaction() && written === meant) written = await insertGuarded(taking, meant)
  else if (written === meant)
    await run.time('write', () =>
      send(definition, { operation: 'insert', filter: {} }, (collection, session) =>
        collection.insertMany(missing.map(exactDocument), { forceServerObjectId: true, ...session }),
      ),
    )
  await keepAll(taking, written)
  return outcomeOf(images.before.length, conflicts, missing.length - written.after.length)
}

async function removeAgain(taking: Taking, images: Images): Promise<Outcome> {
  const { run, definition, force } = taking
  const begun = await begunOf(taking, images)
  const decided = new Map(begun?.before.map(bytes => [idKey(bytes), bytes]))
  const now = await currentOf(taking, images.after, null)
  const conflicts: Note[] = []
  const mine = images.after.flatMap(bytes => {
    const there = decided.get(idKey(bytes)) ?? now.get(idKey(bytes))
    const isSame = there && (force || Buffer.compare(there, bytes) === 0)
    if (there && !isSame) conflicts.push({ _id: storedFrom(bytes)._id, why: 'it was changed since' })
    return isSame ? [there] : []
  })
  if (mine.length === 0) return outcomeOf(images.after.length, conflicts, 0)
  const place = { seq: images.seq, action: 'remove', operation: 'delete', touched: null } as const
  const meant: Images = { ...place, before: mine, after: [] }
  let written = begun && !begun.isIntended ? begun : meant
  const filter = { _id: { $in: mine.map(idOf) as never[] } }
  if (!currentTransaction() && written === meant) written = await removeGuarded(taking, meant)
  else if (written === meant)
    await run.time('write', () =>
      send(definition, { operation: 'deleteMany', filter }, (collection, session) =>
        collection.deleteMany(filter, session),
      ),
    )
  await keepAll(taking, written)
  return outcomeOf(images.after.length, conflicts, mine.length - written.before.length)
}

async function begunOf(taking: Taking, { seq }: Images): Promise<Images | undefined> {
  return currentTransaction() ? undefined : begunBefore(taking, seq)
}

// Which documents the server has left cannot be told one by one; how many can.
function outcomeOf(count: number, conflicts: readonly Note[], missed: number): Outcome {
  const notes = Array.from({ length: missed }, () => ({
    why: 'it was changed meanwhile, or the server refuses it',
  }))
  return { restored: count - conflicts.length - missed, conflicts: [...conflicts, ...notes] }
}

async function currentOf(
  { run, definition }: Taking,
  images: readonly Uint8Array[],
  touched: readonly string[] | null,
) {
  const found =
    images.length === 0 ? [] : await run.time('compare', () => readBatch(definition, batchFilter(images), touched))
  return keyed(found)
}

function keyed(documents: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  return new Map(documents.map(bytes => [idKey(bytes), bytes]))
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
