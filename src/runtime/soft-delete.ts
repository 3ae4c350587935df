// Soft delete: marks instead of removing, takes dependents along, and brings back exactly what it took.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { emptyPlan, type Plan } from '../models/plan.ts'
import type { Cascade, SoftDeleteSettings } from '../models/plugins/soft-delete.ts'
import { settingsOf } from '../models/settings.ts'
import { changeBatch, inBatches } from './batches.ts'
import { guarded } from './checkpoint.ts'
import type { Stored } from './codec.ts'
import { hasTransactions } from './connection.ts'
import { asOperation, currentActor, currentTransaction, operationId } from './context.ts'
import { type DocumentBase, hydrate, modelOf, type RuntimeModel, settle, snapshotOf } from './document.ts'
import { writeDocument } from './document-write.ts'
import { readBatches } from './execute.ts'
import { identityOf } from './identity.ts'
import { hardDelete, notFound, runHooks, storedNow } from './lifecycle.ts'
import { transaction } from './transaction.ts'
import { type BulkOptions, checkBulk, isThere, removeMany } from './update.ts'
import { updateAll } from './write.ts'

/** Who deleted, when and in which operation: what is put on every document of it. */
export interface Mark {
  readonly at: Date
  readonly deletion: { readonly by?: unknown; readonly op: string }
}

const noChange = { created: false, changes: undefined }

/** Deletes a document: marks it where its model has softDelete, removes it otherwise. */
export function remove(document: DocumentBase): Promise<void> {
  return asOperation(() => removeOne(document))
}

/** Brings a deleted document back, with what was deleted in the same operation because of it. */
export async function restore(document: DocumentBase): Promise<void> {
  const { definition } = modelOf(document)
  const settings = softDeleteOf(definition, 'restore()')
  await asOperation(() =>
    together(definition, settings, () => guarded([document], () => unmarkOne(document, settings))),
  )
}

/** Deletes all documents of a plan: marks them where the model has softDelete. */
export async function deleteMany(
  model: RuntimeModel,
  plan: Plan,
  options: BulkOptions = {},
): Promise<{ readonly deletedCount: number }> {
  const { definition } = model
  checkBulk(definition, plan, 'deleteMany', options)
  if (options.hooks) return asOperation(() => walkDelete(model, plan))
  const settings = settingsOf(definition).softDelete
  if (!settings) return removeMany(model, plan)
  const mark = () => together(definition, settings, () => markMany(definition, plan, newMark()))
  return { deletedCount: await asOperation(mark) }
}

async function walkDelete(model: RuntimeModel, plan: Plan): Promise<{ readonly deletedCount: number }> {
  let deletedCount = 0
  for await (const batch of readBatches(model.definition, { ...plan, sort: [['_id', 1]], select: [] }))
    for (const document of batch.map(bytes => hydrate(model, bytes))) {
      if (await isThere(document, remove(document))) deletedCount++
    }
  return { deletedCount }
}

/** Gives the settings of a soft delete. Throws where the model has none. */
export function softDeleteOf(definition: ModelDefinition, what: string): SoftDeleteSettings {
  const settings = settingsOf(definition).softDelete
  if (settings) return settings
  throw new GooseError('NOT_SUPPORTED', {
    what,
    reason: `${definition.name} has no soft delete`,
    hint: 'add plugins: [softDelete()] to the model',
  })
}

async function removeOne(document: DocumentBase): Promise<void> {
  const { definition } = modelOf(document)
  const settings = settingsOf(definition).softDelete
  if (!settings) return hardDelete(document)
  if (document.isNew) throw notFound(document)
  await runHooks('preDelete', document, noChange)
  await together(definition, settings, () => guarded([document], () => markOne(document, settings, newMark())))
  await runHooks('postDelete', document, noChange)
}

function newMark(): Mark {
  const { userId } = currentActor()
  return { at: new Date(), deletion: { ...(userId === undefined ? {} : { by: userId }), op: operationId() } }
}

// A delete that takes others along is one change, where the server can make it one.
async function together<T>(
  definition: ModelDefinition,
  settings: SoftDeleteSettings,
  act: () => Promise<T>,
): Promise<T> {
  if (settings.cascade.length === 0 || currentTransaction() || !(await hasTransactions(definition.connection)))
    return act()
  return transaction(act, { connection: definition.connection })
}

async function markOne(document: DocumentBase, settings: SoftDeleteSettings, mark: Mark): Promise<void> {
  const { definition } = modelOf(document)
  const _id = identityOf(document)
  await writeDocument(document, {
    operation: 'delete',
    filter: { _id, [settings.field]: null },
    update: markUpdate(definition, mark),
    becomes: before => marked(definition, before, mark),
    missing: () => notFound(document),
  })
  await cascadeMark(settings.cascade, [_id], mark)
  takeOver(document, marked(definition, snapshotOf(document), mark), settings)
}

async function unmarkOne(document: DocumentBase, settings: SoftDeleteSettings): Promise<void> {
  const { definition } = modelOf(document)
  const _id = identityOf(document)
  // Who deleted it may have done so after it was read: what goes with it is told by the mark alone.
  const { deletion } = await storedNow(document)
  const times = touched(definition, new Date())
  const living = ({ deletion: _, ...rest }: Stored): Stored => ({ ...rest, [settings.field]: null, ...times })
  await writeDocument(document, {
    operation: 'restore',
    filter: { _id, [settings.field]: { $ne: null } },
    update: { $set: { [settings.field]: null, ...times }, $unset: { deletion: 1 } },
    becomes: living,
    missing: () => notFound(document),
  })
  const op = (deletion as Mark['deletion'] | undefined)?.op
  if (op) await cascadeUnmark(settings.cascade, [_id], op)
  takeOver(document, living(snapshotOf(document)), settings)
}

// Only what the mark has changed is taken over: edits that were not saved stay as they are.
function takeOver(document: DocumentBase, after: Stored, settings: SoftDeleteSettings): void {
  const { updatedAt } = settingsOf(modelOf(document).definition)
  for (const name of [settings.field, 'deletion', updatedAt]) if (name) document[name] = after[name]
  if (after.deletion === undefined) delete document.deletion
  settle(document, after)
}

async function markMany(definition: ModelDefinition, plan: Plan, mark: Mark): Promise<number> {
  const settings = softDeleteOf(definition, 'a cascade')
  const { audit } = settingsOf(definition)
  const living = { ...plan, filters: [...plan.filters, { [settings.field]: null }] }
  if (!audit && settings.cascade.length === 0)
    return (await updateAll(definition, living, markUpdate(definition, mark))).modifiedCount
  let count = 0
  await inBatches(definition, living, async ids => {
    const write = (own: Plan) => updateAll(definition, own, markUpdate(definition, mark))
    count += (await changeBatch(definition, { plan: living, ids, operation: 'delete' }, write)).modifiedCount
    await cascadeMark(settings.cascade, ids, mark)
  })
  return count
}

/** Marks what goes with documents that are deleted. */
export async function cascadeMark(cascade: readonly Cascade[], ids: readonly unknown[], mark: Mark): Promise<void> {
  for (const { model, by } of cascade)
    await markMany((model() as RuntimeModel).definition, { ...emptyPlan, filters: [{ [by]: { $in: ids } }] }, mark)
}

/** Brings back what an operation has deleted together with documents. */
export async function cascadeUnmark(cascade: readonly Cascade[], ids: readonly unknown[], op: string): Promise<void> {
  for (const { model, by } of cascade) {
    const { definition } = model() as RuntimeModel
    const settings = softDeleteOf(definition, 'a cascade')
    const plan: Plan = { ...emptyPlan, deleted: 'only', filters: [{ [by]: { $in: ids } }, { 'deletion.op': op }] }
    await inBatches(definition, plan, async found => {
      const update = { $set: { [settings.field]: null, ...touched(definition, new Date()) }, $unset: { deletion: 1 } }
      const write = (own: Plan) => updateAll(definition, own, update)
      await changeBatch(definition, { plan, ids: found, operation: 'restore' }, write)
      await cascadeUnmark(settings.cascade, found, op)
    })
  }
}

function marked(definition: ModelDefinition, before: Stored, mark: Mark): Stored {
  return {
    ...before,
    [softDeleteOf(definition, 'delete()').field]: mark.at,
    deletion: mark.deletion,
    ...touched(definition, mark.at),
  }
}

function markUpdate(definition: ModelDefinition, mark: Mark) {
  return {
    $set: {
      [softDeleteOf(definition, 'delete()').field]: mark.at,
      deletion: mark.deletion,
      ...touched(definition, mark.at),
    },
  }
}

function touched(definition: ModelDefinition, at: Date): Record<string, Date> {
  const { updatedAt } = settingsOf(definition)
  return updatedAt ? { [updatedAt]: at } : {}
}
