// The writes of models: one command each, narrowed by the scopes.
import { BSON, type Document, type UpdateResult } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'
import { readBatches, run } from './execute.ts'
import { scopedById, scopedFilter } from './scope.ts'
import { sealDocument, sealUpdate, touchesEncrypted } from './sealing.ts'

// Keeps the types of numbers, so that what is encoded again is what is stored.
const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

/** Inserts stored documents. */
export async function insertStored(definition: ModelDefinition, documents: readonly Document[]): Promise<void> {
  await run(definition, { operation: 'insert', filter: {} }, async (collection, session) => {
    const sealed = documents.map(document => sealDocument(definition, document))
    if (sealed.length === 1) await collection.insertOne(sealed[0]!, session)
    else if (sealed.length > 1) await collection.insertMany(sealed, session)
    return documents
  })
}

/** Updates one document, and tells whether it was there. */
export async function updateStored(definition: ModelDefinition, filter: Document, update: Document): Promise<boolean> {
  const scoped = scopedById(definition, filter)
  const result = await run(definition, { operation: 'update', filter: scoped }, (collection, session) =>
    collection.updateOne(scoped, sealUpdate(definition, filter._id, update), session),
  )
  return result.matchedCount > 0
}

/** Updates one document and gives its stored bytes as they were or are then, or undefined when it is not there. */
export async function updateAndRead(
  definition: ModelDefinition,
  filter: Document,
  update: Document | Document[],
  returnDocument: 'before' | 'after',
): Promise<Uint8Array | undefined> {
  const scoped = scopedById(definition, filter)
  const found = await run(definition, { operation: 'findAndModify', filter: scoped }, (collection, session) =>
    collection.findOneAndUpdate(scoped, sealUpdate(definition, filter._id, update), {
      returnDocument,
      ...exact,
      ...session,
    }),
  )
  return found ? BSON.serialize(found) : undefined
}

/** Updates all documents of a plan with one command. */
export async function updateAll(
  definition: ModelDefinition,
  plan: Plan,
  update: Document | Document[],
): Promise<UpdateResult> {
  if (touchesEncrypted(definition, update)) return updateEach(definition, plan, update)
  const filter = scopedFilter(definition, plan)
  return run(definition, { operation: 'updateMany', filter }, (collection, session) =>
    collection.updateMany(filter, update, session),
  )
}

/** Deletes one document, and tells whether it was there. */
export async function deleteStored(definition: ModelDefinition, filter: Document): Promise<boolean> {
  const scoped = scopedById(definition, filter)
  const result = await run(definition, { operation: 'delete', filter: scoped }, (collection, session) =>
    collection.deleteOne(scoped, session),
  )
  return result.deletedCount > 0
}

/** Deletes one document and gives its stored bytes as they were, or undefined when it is not there. */
export async function deleteAndRead(definition: ModelDefinition, filter: Document): Promise<Uint8Array | undefined> {
  const scoped = scopedById(definition, filter)
  const found = await run(definition, { operation: 'findAndModify', filter: scoped }, (collection, session) =>
    collection.findOneAndDelete(scoped, { ...exact, ...session }),
  )
  return found ? BSON.serialize(found) : undefined
}

/** Deletes all documents of a plan with one command. */
export async function deleteAll(definition: ModelDefinition, plan: Plan): Promise<number> {
  const filter = scopedFilter(definition, plan)
  const result = await run(definition, { operation: 'deleteMany', filter }, (collection, session) =>
    collection.deleteMany(filter, session),
  )
  return result.deletedCount
}

// Each document has its own ciphertext, so they are walked in the order of _id, a batch at a time.
async function updateEach(
  definition: ModelDefinition,
  plan: Plan,
  update: Document | Document[],
): Promise<UpdateResult> {
  const filter = scopedFilter(definition, plan)
  const total = { acknowledged: true, matchedCount: 0, modifiedCount: 0, upsertedCount: 0, upsertedId: null }
  for await (const batch of readBatches(definition, { ...plan, select: ['_id'], sort: [['_id', 1]] })) {
    const ids = batch.map(bytes => BSON.deserialize(bytes)._id)
    const updates = ids.map(_id => ({
      updateOne: { filter: { $and: [filter, { _id }] }, update: sealUpdate(definition, _id, update) },
    }))
    const result = await run(definition, { operation: 'updateMany', filter }, (collection, session) =>
      collection.bulkWrite(updates, { ordered: false, ...session }),
    )
    total.matchedCount += result.matchedCount
    total.modifiedCount += result.modifiedCount
  }
  return total
}
