// Updates on the server: of one document, or of all that a query finds.
import { DocumentNotFound, EmptyFilterRefused, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { isNarrowed } from '../models/narrowing.ts'
import { emptyPlan, type Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { checkUpdate, type SentUpdate } from '../models/update.ts'
import { recordedLater } from './audit.ts'
import type { Recording } from './audit-entry.ts'
import { changeBatch, inBatches } from './batches.ts'
import { guarded } from './checkpoint.ts'
import { isEqualStored, storedFrom, toStored } from './codec.ts'
import { asOperation } from './context.ts'
import { changesOf, type DocumentBase, hydrate, modelOf, type RuntimeModel, reset, snapshotOf } from './document.ts'
import { readBatches } from './execute.ts'
import { identityOf } from './identity.ts'
import { asAlive, notFound, runHooks, save, storedNow } from './lifecycle.ts'
import { moving } from './tree-moves.ts'
import { refuseUnion } from './union.ts'
import { deleteAll, updateAll, updateAndRead } from './write.ts'

/** What an update of many has done. */
export interface UpdateOutcome {
  readonly matchedCount: number
  readonly modifiedCount: number
}

/** The options of updateMany and deleteMany. */
export interface BulkOptions {
  /** Means every document, where there is no filter. */
  readonly all?: boolean
  /** Walks the documents and runs their hooks, instead of one command. */
  readonly hooks?: boolean
}

/** Updates a document on the server, then reads what it has become; edits in memory that were not saved stay. */
export async function updateOne(document: DocumentBase, update: unknown): Promise<void> {
  const sent = checkUpdate(modelOf(document).definition, update, toStored)
  if (document.isNew) throw notFound(document)
  const plan = { ...emptyPlan, filters: [{ _id: identityOf(document) }], deleted: 'include' } as const
  await moving(modelOf(document), { plan, sent }, () => guarded([document], () => sendUpdate(document, sent)))
  await runHooks('postUpdate', document, { created: false, changes: undefined })
}

async function sendUpdate(document: DocumentBase, sent: SentUpdate): Promise<void> {
  const { definition } = modelOf(document)
  const pending = new Map(
    [...changesOf(document).paths.keys()].map(path => path.split('.')[0]!).map(name => [name, document[name]]),
  )
  const { bytes, before } = await recordedLater(
    definition,
    async () => {
      const old = settingsOf(definition).audit ? await storedNow(document) : {}
      const found = await updateAndRead(definition, asAlive(document), sent, 'after')
      if (!found) throw notFound(document)
      const recording: Recording = {
        operation: 'update',
        documentId: identityOf(document),
        before: old,
        after: storedFrom(found),
      }
      return { result: { bytes: found, before: snapshotOf(document) }, recordings: [recording] }
    },
    { ids: [identityOf(document)], operation: 'update' },
  )
  reset(document, bytes)
  const after = snapshotOf(document)
  for (const [name, value] of pending) if (isEqualStored(before[name], after[name])) document[name] = value
}

/** Updates all documents of a plan: one command, or batches where the model is audited. */
export async function updateMany(
  model: RuntimeModel,
  plan: Plan,
  update: unknown,
  options: BulkOptions = {},
): Promise<UpdateOutcome> {
  const { definition } = model
  checkBulk(definition, plan, 'updateMany', options)
  const sent = checkUpdate(definition, update, toStored)
  if (options.hooks) return asOperation(() => walkUpdate(model, plan, update))
  return moving(model, { plan, sent }, async () => {
    if (settingsOf(definition).audit) return asOperation(() => updateBatches(definition, plan, sent))
    const { matchedCount, modifiedCount } = await updateAll(definition, plan, sent)
    return { matchedCount, modifiedCount }
  })
}

/** Removes all documents of a plan from the database. */
export async function removeMany(model: RuntimeModel, plan: Plan): Promise<{ readonly deletedCount: number }> {
  const { definition } = model
  if (!settingsOf(definition).audit) return { deletedCount: await deleteAll(definition, plan) }
  return asOperation(() => removeBatches(definition, plan))
}

/** Refuses a bulk write without a filter, and one with parts that the server does not know. */
export function checkBulk(definition: ModelDefinition, plan: Plan, operation: string, options: BulkOptions): void {
  refuseUnion(definition, plan, operation)
  if (plan.limit !== undefined || plan.skip !== undefined)
    throw new GooseError('INVALID_QUERY', {
      model: definition.name,
      reason: `${operation} knows no skip and limit`,
      hint: 'find the ids first, then use { _id: { $in: ids } }',
    })
  if (!options.all && !isNarrowed(plan.filters)) throw new EmptyFilterRefused({ model: definition.name, operation })
}

async function updateBatches(definition: ModelDefinition, plan: Plan, sent: SentUpdate): Promise<UpdateOutcome> {
  const outcome = { matchedCount: 0, modifiedCount: 0 }
  await inBatches(definition, plan, async ids => {
    const write = (own: Plan) => updateAll(definition, own, sent)
    const result = await changeBatch(definition, { plan, ids, operation: 'update' }, write)
    outcome.matchedCount += result.matchedCount
    outcome.modifiedCount += result.modifiedCount
  })
  return outcome
}

async function removeBatches(definition: ModelDefinition, plan: Plan): Promise<{ readonly deletedCount: number }> {
  let deletedCount = 0
  await inBatches(definition, plan, async ids => {
    const write = (own: Plan) => deleteAll(definition, own)
    deletedCount += await changeBatch(definition, { plan, ids, operation: 'delete' }, write)
  })
  return { deletedCount }
}

async function walkUpdate(model: RuntimeModel, plan: Plan, update: unknown): Promise<UpdateOutcome> {
  const {
    $set = {},
    $unset = {},
    ...others
  } = (Array.isArray(update) ? { pipeline: update } : update) as Record<string, Record<string, unknown>>
  const other = Object.keys(others)[0]
  const dotted = [...Object.keys($set), ...Object.keys($unset)].find(path => path.includes('.'))
  if (other || dotted)
    throw new GooseError('INVALID_UPDATE', {
      model: model.modelName,
      reason: `with hooks, only whole fields are set and unset (not ${other ?? dotted})`,
      hint: 'walk the documents: for await (const document of query)',
    })
  const outcome = { matchedCount: 0, modifiedCount: 0 }
  for await (const batch of readBatches(model.definition, { ...plan, sort: [['_id', 1]], select: [] })) {
    for (const document of batch.map(bytes => hydrate(model, bytes))) {
      Object.assign(document, $set)
      for (const name of Object.keys($unset)) delete document[name]
      outcome.matchedCount++
      if (document.isDirty() && (await isThere(document, save(document)))) outcome.modifiedCount++
    }
  }
  return outcome
}

/** Waits for a write of a document in a walk; gives false when somebody else has deleted it meanwhile. */
export async function isThere(document: DocumentBase, write: Promise<void>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    const gone = notFound(document)
    if (error instanceof DocumentNotFound && error.message === gone.message) return false
    throw error
  }
}
