// Many different writes in one call: checked, scoped and stamped like each of them alone.
import type { AnyBulkWriteOperation, Document } from 'mongodb'
import { GooseError } from '../errors.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { checkFilter } from '../models/filter.ts'
import { suggestion } from '../models/nearest.ts'
import { emptyPlan, filterOf, type Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { checkUpdate } from '../models/update.ts'
import { idsIn } from './batches.ts'
import type { BulkOutcome, BulkWriteOptions } from './bulk-types.ts'
import { type Stored, toStored } from './codec.ts'
import { type DocumentBase, encodeValid, type RuntimeModel } from './document.ts'
import { readAll, run } from './execute.ts'
import { hasHook, insertAll, prepare, settleInserted } from './lifecycle.ts'
import { refuseOtherId, replaceFirst } from './replacement.ts'
import { scopedFilter } from './scope.ts'
import { deleteMany } from './soft-delete.ts'
import { refuseUnstorable } from './storability.ts'
import { newParentsIn } from './tree-moves.ts'
import { type BulkOptions, checkBulk, updateMany } from './update.ts'
import { equalities, insertedBy, upsertOf } from './upsert.ts'
import { validate } from './validate.ts'

/** One operation, checked. */
interface Operation {
  readonly kind: Kind
  readonly plan: Plan
  readonly update: unknown
  readonly upsert: boolean
  readonly document: DocumentBase | undefined
}

const parts = {
  insertOne: ['document'],
  updateOne: ['filter', 'update', 'upsert'],
  updateMany: ['filter', 'update', 'upsert', 'all'],
  replaceOne: ['filter', 'replacement', 'upsert'],
  deleteOne: ['filter'],
  deleteMany: ['filter', 'all'],
} as const
type Kind = keyof typeof parts

/** Runs operations in their order: as one command where the model allows it, one after the other where each needs more. */
export async function bulkWrite(
  model: RuntimeModel,
  operations: readonly unknown[],
  options: BulkWriteOptions = {},
): Promise<BulkOutcome> {
  const checked = operations.map((operation, i) => checkOperation(model, operation, i))
  if (checked.length === 0) return nothing
  if (options.hooks || needsMore(model, checked)) return oneByOne(model, checked, options)
  return together(model, checked, options)
}

const nothing: BulkOutcome = {
  insertedCount: 0,
  insertedIds: [],
  matchedCount: 0,
  modifiedCount: 0,
  upsertedCount: 0,
  deletedCount: 0,
}

function checkOperation(model: RuntimeModel, given: unknown, position: number): Operation {
  const { definition } = model
  const refuse = (reason: string, hint: string) =>
    new GooseError('INVALID_UPDATE', { model: definition.name, reason: `operation ${position}: ${reason}`, hint })
  const [[kind, asked] = ['', undefined], ...more] = Object.entries((given ?? {}) as object)
  if (!Object.hasOwn(parts, kind) || more.length > 0 || typeof asked !== 'object' || asked === null)
    throw refuse(`there is no "${kind}"`, suggestion(kind, Object.keys(parts)))
  const known: readonly string[] = parts[kind as Kind]
  const wrong = Object.keys(asked).find(name => !known.includes(name))
  if (wrong) throw refuse(`${kind} knows no "${wrong}"`, `it takes ${known.join(', ')}`)
  const { document, replacement, filter = {}, update, upsert = false, all = false } = asked as Record<string, never>
  const plan = { ...emptyPlan, filters: [checkFilter(definition, filter)] }
  if (kind === 'insertOne') return { kind, plan, update, upsert, document: new model(document) }
  checkBulk(definition, plan, kind, { all })
  if (kind === 'replaceOne') {
    refuseOtherId(model, replacement)
    return {
      kind,
      plan,
      update,
      upsert,
      document: new model({ ...idIn(plan), ...(replacement as object | undefined) }),
    }
  }
  if (kind.startsWith('update')) checkUpdate(definition, update, toStored)
  return { kind: kind as Kind, plan, update, upsert, document: undefined }
}

// Audit, encryption and soft delete have more to do for a document than one command can say.
function needsMore({ definition }: RuntimeModel, operations: readonly Operation[]): boolean {
  const { audit, softDelete } = settingsOf(definition)
  if (audit || encryptedFields(definition).length > 0 || operations.some(({ kind }) => kind === 'replaceOne'))
    return true
  if (
    operations.some(
      ({ update }) =>
        update !== undefined && newParentsIn(definition, checkUpdate(definition, update, toStored)).length > 0,
    )
  )
    return true
  return softDelete !== undefined && operations.some(({ kind }) => kind.startsWith('delete'))
}

async function together(
  model: RuntimeModel,
  operations: readonly Operation[],
  options: BulkWriteOptions,
): Promise<BulkOutcome> {
  const { definition } = model
  const documents = operations.flatMap(({ document }) => document ?? [])
  await prepare(documents)
  const stored = documents.map(encodeValid)
  refuseUnstorable(definition, stored)
  const inserted = new Map(documents.map((document, i) => [document, stored[i]!]))
  const commands = operations.map(operation => commandOf(model, operation, inserted))
  const result = await run(definition, { operation: 'bulkWrite', filter: {} }, (collection, session) =>
    collection.bulkWrite(commands, { ordered: options.ordered ?? true, ...session }),
  )
  await settleInserted(documents, stored)
  const { insertedCount, matchedCount, modifiedCount, upsertedCount, deletedCount } = result
  const insertedIds = documents.map(document => document._id)
  return { insertedCount, insertedIds, matchedCount, modifiedCount, upsertedCount, deletedCount }
}

function commandOf(
  { definition }: RuntimeModel,
  operation: Operation,
  inserted: ReadonlyMap<DocumentBase, Stored>,
): AnyBulkWriteOperation<Document> {
  const { kind, plan, document, upsert } = operation
  if (document) return { insertOne: { document: inserted.get(document)! } }
  const filter = scopedFilter(definition, plan)
  if (kind === 'deleteOne') return { deleteOne: { filter } }
  if (kind === 'deleteMany') return { deleteMany: { filter } }
  const update = checkUpdate(definition, operation.update, toStored)
  const change = upsert ? { filter, update: upsertOf(definition, filterOf(plan), update), upsert } : { filter, update }
  return kind === 'updateMany' ? { updateMany: change } : { updateOne: change }
}

async function oneByOne(
  model: RuntimeModel,
  operations: readonly Operation[],
  options: BulkWriteOptions,
): Promise<BulkOutcome> {
  await refuseUnfit(operations)
  let outcome = nothing
  const errors: unknown[] = []
  for (const operation of operations) {
    try {
      outcome = sumOf(outcome, await runOne(model, operation, { hooks: options.hooks ?? false, all: true }))
    } catch (error) {
      if (options.ordered ?? true) throw error
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return outcome
}

// Nothing is sent when a later document does not fit; those that a hook may repair are checked in their turn.
async function refuseUnfit(operations: readonly Operation[]): Promise<void> {
  for (const { document } of operations) if (document && !hasHook('preValidate', document)) await validate(document)
}

async function runOne(model: RuntimeModel, operation: Operation, options: BulkOptions): Promise<Partial<BulkOutcome>> {
  const { kind, document, update, upsert } = operation
  if (kind === 'replaceOne') return replaceFirst(model, operation.plan, { by: document!, upsert })
  if (document) {
    await insertAll([document])
    return { insertedCount: 1, insertedIds: [document._id] }
  }
  const plan = kind.endsWith('One') || upsert ? await planOfFirst(model, operation.plan) : operation.plan
  if (!plan) return upsert ? insertFor(model, operation) : {}
  if (kind.startsWith('delete')) return deleteMany(model, plan, options)
  return updateMany(model, kind === 'updateMany' ? operation.plan : plan, update, options)
}

async function insertFor(model: RuntimeModel, { plan, update }: Operation): Promise<Partial<BulkOutcome>> {
  await insertAll([new model(insertedBy(model.definition, filterOf(plan), update))])
  return { upsertedCount: 1 }
}

// A document that is inserted because none was found has the id it was looked for by.
function idIn(plan: Plan): { readonly _id?: unknown } {
  const { _id } = equalities(filterOf(plan))
  return _id === undefined ? {} : { _id }
}

async function planOfFirst({ definition }: RuntimeModel, plan: Plan): Promise<Plan | undefined> {
  const found = await readAll(definition, { ...plan, limit: 1, select: ['_id'] })
  return found.length > 0 ? { ...plan, filters: [...plan.filters, { _id: { $in: idsIn(found) } }] } : undefined
}

function sumOf(one: BulkOutcome, other: Partial<BulkOutcome>): BulkOutcome {
  return {
    insertedCount: one.insertedCount + (other.insertedCount ?? 0),
    insertedIds: [...one.insertedIds, ...(other.insertedIds ?? [])],
    matchedCount: one.matchedCount + (other.matchedCount ?? 0),
    modifiedCount: one.modifiedCount + (other.modifiedCount ?? 0),
    upsertedCount: one.upsertedCount + (other.upsertedCount ?? 0),
    deletedCount: one.deletedCount + (other.deletedCount ?? 0),
  }
}
