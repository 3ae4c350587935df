// The only caller of the driver's collections: reads by plan, writes by command.
import type { Collection, Document, FindCursor } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { filterOf, type Plan } from '../models/plan.ts'
import { databaseOf } from './connection.ts'
import { explained } from './driver-error.ts'

/** Gives the driver's own collection of a model. */
export async function collectionOf(definition: ModelDefinition): Promise<Collection<Document>> {
  const db = await databaseOf(definition.connection)
  return db.collection(definition.collection)
}

/** Reads the stored bytes of all documents of a plan. */
export async function readAll(definition: ModelDefinition, plan: Plan): Promise<readonly Uint8Array[]> {
  return attempt(
    definition,
    async () => (await cursorOf(definition, plan)).toArray() as unknown as Promise<Uint8Array[]>,
  )
}

/** Reads the stored bytes of a plan in batches. */
export async function* readBatches(definition: ModelDefinition, plan: Plan): AsyncGenerator<readonly Uint8Array[]> {
  const cursor = await cursorOf(definition, plan)
  try {
    while (await attempt(definition, () => cursor.hasNext()))
      yield cursor.readBufferedDocuments() as unknown as Uint8Array[]
  } finally {
    await cursor.close()
  }
}

/** Counts what a plan would read. */
export async function countOf(definition: ModelDefinition, plan: Plan): Promise<number> {
  const limits = { ...(plan.skip ? { skip: plan.skip } : {}), ...(plan.limit ? { limit: plan.limit } : {}) }
  return attempt(definition, async () =>
    (await collectionOf(definition)).countDocuments(filterOf(plan), { ...limits, ...readOptions(plan) }),
  )
}

/** Gives the distinct values of a field. */
export async function distinctOf(definition: ModelDefinition, plan: Plan, path: string): Promise<readonly unknown[]> {
  return attempt(definition, async () => (await collectionOf(definition)).distinct(path, filterOf(plan)))
}

/** Explains how a plan would be run. */
export async function explainOf(definition: ModelDefinition, plan: Plan): Promise<Document> {
  return attempt(definition, async () => (await cursorOf(definition, plan)).explain('executionStats'))
}

/** Inserts stored documents. */
export async function insertStored(definition: ModelDefinition, documents: readonly Document[]): Promise<void> {
  await attempt(definition, async () => {
    const collection = await collectionOf(definition)
    if (documents.length === 1) await collection.insertOne(documents[0]!)
    else if (documents.length > 1) await collection.insertMany(documents as Document[])
  })
}

/** Updates one document, and tells whether it was there. */
export async function updateStored(definition: ModelDefinition, filter: Document, update: Document): Promise<boolean> {
  const result = await attempt(definition, async () => (await collectionOf(definition)).updateOne(filter, update))
  return result.matchedCount > 0
}

/** Deletes one document, and tells whether it was there. */
export async function deleteStored(definition: ModelDefinition, filter: Document): Promise<boolean> {
  const result = await attempt(definition, async () => (await collectionOf(definition)).deleteOne(filter))
  return result.deletedCount > 0
}

async function cursorOf(definition: ModelDefinition, plan: Plan): Promise<FindCursor<Document>> {
  const collection = await collectionOf(definition)
  return collection.find(filterOf(plan), {
    raw: true,
    ...readOptions(plan),
    ...(plan.sort.length > 0 ? { sort: Object.fromEntries(plan.sort) } : {}),
    ...(plan.skip ? { skip: plan.skip } : {}),
    ...(plan.limit === undefined ? {} : { limit: plan.limit }),
    ...(plan.select.length > 0 ? { projection: projectionOf(plan.select) } : {}),
  })
}

function readOptions(plan: Plan): Document {
  return { ...(plan.hint ? { hint: plan.hint } : {}), ...(plan.maxTime ? { maxTimeMS: plan.maxTime } : {}) }
}

function projectionOf(select: readonly string[]): Document {
  return Object.fromEntries(select.map(path => (path.startsWith('-') ? [path.slice(1), 0] : [path, 1])))
}

async function attempt<T>(definition: ModelDefinition, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw explained(error, definition)
  }
}
