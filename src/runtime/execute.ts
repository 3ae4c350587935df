// The only caller of the driver's collections: adds scopes and the session, tells listeners, explains errors.
import {
  type AggregationCursor,
  type ClientSession,
  type Collection,
  type Document,
  type FindCursor,
  type FindOptions,
  MongoServerError,
} from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'
import { projectionOf } from '../models/selection.ts'
import { adviceOn } from './advice.ts'
import { type Connection, connectionOf, openConnectionOf } from './connection.ts'
import { currentTransaction } from './context.ts'
import { explained } from './driver-error.ts'
import { emit, isObserved, shapeOf } from './events.ts'
import { scopedFilter, scopedPipeline } from './scope.ts'
import { traced } from './tracing.ts'
import { joined, unionCount, unionStages } from './union.ts'

/** Gives the driver's own collection of a model. */
export async function collectionOf(definition: ModelDefinition): Promise<Collection<Document>> {
  return collectionIn(await connectionOf(definition.connection), definition)
}

function collectionIn({ db, client }: Connection, { database, collection }: ModelDefinition): Collection<Document> {
  return (database === undefined ? db : client.db(database)).collection(collection)
}

// An open connection is not waited for: each wait is a turn of the loop in a save.
function sendTo<T>(definition: ModelDefinition, send: (collection: Collection<Document>) => Promise<T>): Promise<T> {
  const open = openConnectionOf(definition.connection)
  return open ? send(collectionIn(open, definition)) : collectionOf(definition).then(send)
}

/** Reads the stored bytes of all documents of a plan. */
export async function readAll(definition: ModelDefinition, plan: Plan): Promise<readonly Uint8Array[]> {
  const filter = scopedFilter(definition, plan)
  return run(
    definition,
    { operation: 'find', filter },
    async (collection, session) =>
      cursorOf(collection, filter, plan, { raw: true, ...session }).toArray() as unknown as Promise<Uint8Array[]>,
  )
}

/** Reads the stored bytes of documents by their ids, also of those that have just left the scope of their model. */
export async function readByIds(definition: ModelDefinition, ids: readonly unknown[]): Promise<readonly Uint8Array[]> {
  const filter: Document = { _id: { $in: ids } }
  return run(
    definition,
    { operation: 'find', filter },
    async (collection, session) =>
      collection.find(filter, { raw: true, ...session }).toArray() as unknown as Promise<Uint8Array[]>,
  )
}

// Servers fill 16 MB when they are not told: as documents, that is more than a process should hold.
const BATCH = 1000

/** Reads the stored bytes of a plan in batches. */
export async function* readBatches(definition: ModelDefinition, plan: Plan): AsyncGenerator<readonly Uint8Array[]> {
  const filter = scopedFilter(definition, plan)
  let cursor: ReturnType<typeof cursorOf> | undefined
  try {
    for (;;) {
      const batch = await run(definition, { operation: 'find', filter }, async (collection, session) => {
        cursor ??= cursorOf(collection, filter, plan, { raw: true, batchSize: BATCH, ...session })
        return (await cursor.hasNext()) ? (cursor.readBufferedDocuments() as unknown as Uint8Array[]) : []
      })
      if (batch.length === 0) return
      yield batch
    }
  } finally {
    await cursor?.close()
  }
}

/** Counts what a plan would read. */
export async function countOf(definition: ModelDefinition, plan: Plan): Promise<number> {
  const filter = scopedFilter(definition, plan)
  const limits = { ...(plan.skip ? { skip: plan.skip } : {}), ...(plan.limit ? { limit: plan.limit } : {}) }
  return run(definition, { operation: 'count', filter }, (collection, session) =>
    plan.union !== undefined
      ? unionCount(collection, plan, filter, { ...readOptions(plan), ...session })
      : collection.countDocuments(filter, { ...limits, ...readOptions(plan), ...session }),
  )
}

/** Counts what a filter finds that has its scopes already. */
export async function countFiltered(definition: ModelDefinition, filter: Document): Promise<number> {
  return run(definition, { operation: 'count', filter }, (collection, session) =>
    collection.countDocuments(filter, session),
  )
}

/** Gives the distinct values of a field. */
export async function distinctOf(definition: ModelDefinition, plan: Plan, path: string): Promise<readonly unknown[]> {
  const filter = scopedFilter(definition, plan)
  const distinct = (from: ModelDefinition) =>
    run(from, { operation: 'distinct', filter }, (collection, session) => collection.distinct(path, filter, session))
  const values = await distinct(definition)
  return plan.union === undefined ? values : joined(values, await distinct({ ...definition, collection: plan.union }))
}

/** Explains how a plan would be run. */
export async function explainOf(
  definition: ModelDefinition,
  plan: Plan,
  verbosity: 'queryPlanner' | 'executionStats',
): Promise<Document> {
  const filter = scopedFilter(definition, plan)
  return run(definition, { operation: 'explain', filter }, collection =>
    cursorOf(collection, filter, plan, {}).explain(verbosity),
  )
}

/** Runs a pipeline, with the scopes of the model first. */
export async function aggregateOf(
  definition: ModelDefinition,
  pipeline: readonly Document[],
  deleted: Plan['deleted'],
): Promise<readonly Document[]> {
  const stages = scopedPipeline(definition, pipeline, deleted)
  return run(definition, { operation: 'aggregate', filter: stages }, (collection, session) =>
    collection.aggregate(stages as Document[], session).toArray(),
  )
}

/** Sends one command: in the session of the transaction, told to listeners, its errors explained. */
export async function run<T>(
  definition: ModelDefinition,
  about: { readonly operation: string; readonly filter: unknown },
  send: (collection: Collection<Document>, session: { readonly session?: ClientSession }) => Promise<T>,
): Promise<T> {
  const subject = { definition, ...about, shape: () => shapeOf(about.filter) }
  const advise = currentTransaction() ? undefined : adviceOn(subject)
  const started = isObserved() ? performance.now() : 0
  const tell = (count: number | undefined, error?: unknown) => {
    if (!isObserved()) return
    emit({
      model: definition.name,
      collection: definition.collection,
      ...about,
      duration: performance.now() - started,
      count,
      error,
    })
  }
  try {
    const result = await traced(subject, () =>
      inTurn(definition, session => sendTo(definition, collection => send(collection, session))),
    )
    tell(countIn(result))
    if (advise) await advise(await collectionOf(definition))
    return result
  } catch (error) {
    tell(undefined, error)
    const told = explained(error, definition)
    noteFailure(error, told)
    throw told
  }
}

// The server ends a transaction by the first error; conflicts that pass are tried again as a whole.
function noteFailure(error: unknown, told: unknown): void {
  const open = currentTransaction()
  if (!open || !(error instanceof MongoServerError) || error.hasErrorLabel('TransientTransactionError')) return
  open.failure ??= told
}

// A session takes one command at a time; calls inside a transaction that run side by side wait for each other.
function inTurn<T>(
  definition: ModelDefinition,
  send: (session: { readonly session?: ClientSession }) => Promise<T>,
): Promise<T> {
  const open = currentTransaction()
  if (!open) return send({})
  if (open.connection !== definition.connection)
    throw new GooseError('TRANSACTION_REFUSED', {
      reason: `${definition.name} lives on connection "${definition.connection}", the transaction on "${open.connection}"`,
      hint: 'use outside() for it',
    })
  const mine = open.turn.then(() => send({ session: open.session }))
  open.turn = mine.catch(() => undefined)
  return mine
}

function countIn(result: unknown): number | undefined {
  if (typeof result === 'number') return result
  if (Array.isArray(result)) return result.length
  const counts = result as { readonly modifiedCount?: number; readonly deletedCount?: number } | null
  return counts?.modifiedCount ?? counts?.deletedCount
}

function cursorOf(
  collection: Collection<Document>,
  filter: Document,
  plan: Plan,
  options: FindOptions,
): FindCursor<Document> | AggregationCursor<Document> {
  const shape = {
    ...(plan.sort.length > 0 ? { sort: Object.fromEntries(plan.sort) } : {}),
    ...(plan.select.length > 0 ? { projection: projectionOf(plan.select) } : {}),
  }
  if (plan.union !== undefined)
    return collection.aggregate(unionStages(plan, filter, shape), { ...readOptions(plan), ...options })
  return collection.find(filter, {
    ...readOptions(plan),
    ...shape,
    ...(plan.skip ? { skip: plan.skip } : {}),
    ...(plan.limit === undefined ? {} : { limit: plan.limit }),
    ...options,
  })
}

function readOptions(plan: Plan): Document {
  return { ...(plan.hint ? { hint: plan.hint } : {}), ...(plan.maxTime ? { maxTimeMS: plan.maxTime } : {}) }
}
