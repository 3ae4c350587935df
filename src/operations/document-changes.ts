// Applies changes of whole documents in one transaction: all of them, or none when one has moved meanwhile.
import type { ClientSession, Collection, Document } from 'mongodb'
import { PlanDrifted } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { prepareAudit, recordBatch } from '../runtime/audit-batch.ts'
import { isEqualStored } from '../runtime/codec.ts'
import { connectionOf } from '../runtime/connection.ts'
import { currentTransaction, operationId } from '../runtime/context.ts'
import { transaction } from '../runtime/transaction.ts'

/** One document as it was when the change was made, and as it is to be; undefined where there is none. */
export interface DocumentChange {
  readonly _id: unknown
  readonly before: Document | undefined
  readonly after: Document | undefined
}

/** The changes of one collection, and the model it belongs to if there is one. */
export interface CollectionChanges {
  readonly database: string
  readonly collection: string
  readonly definition: ModelDefinition | undefined
  readonly changes: readonly DocumentChange[]
}

// Keeps the types of numbers, so that documents are compared and written as they are stored.
const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true } as const

/** Writes all changes, with their audit, and gives the operation's id. Throws `PlanDrifted` when a document is not what it was, and writes nothing. */
export async function applyChanges(alias: string, collections: readonly CollectionChanges[]): Promise<string> {
  const { client } = await connectionOf(alias)
  for (const { definition } of collections) if (definition) await prepareAudit(definition)
  await transaction(
    async () => {
      const session = currentTransaction()!.session
      for (const [number, part] of collections.entries()) {
        const target = client.db(part.database).collection(part.collection)
        await refuseMoved(part, target, session)
        await writeAll(part.changes, target, session)
        await recordAll(part, number)
      }
    },
    { connection: alias },
  )
  return operationId()
}

async function refuseMoved(part: CollectionChanges, target: Collection, session: ClientSession): Promise<void> {
  const ids = part.changes.map(change => change._id as never)
  const found = await target.find({ _id: { $in: ids } }, { ...exact, session }).toArray()
  const now = new Map(found.map(document => [String(document._id), document]))
  const moved = part.changes.find(({ _id, before }) => !isEqualStored(now.get(String(_id)), before))
  if (!moved) return
  const name = part.definition?.name ?? part.collection
  throw new PlanDrifted({ plan: 'of these writes', reason: `${name} ${String(moved._id)} has changed since` })
}

async function writeAll(changes: readonly DocumentChange[], target: Collection, session: ClientSession): Promise<void> {
  const writes = changes.map(({ _id, before, after }) => {
    if (!after) return { deleteOne: { filter: { _id: _id as never } } }
    return before
      ? { replaceOne: { filter: { _id: _id as never }, replacement: after } }
      : { insertOne: { document: after } }
  })
  if (writes.length > 0) await target.bulkWrite(writes as never, { session })
}

async function recordAll({ definition, changes }: CollectionChanges, place: number): Promise<void> {
  if (!definition) return
  const kinds = [
    ['insert', changes.filter(change => !change.before)],
    ['update', changes.filter(change => change.before && change.after)],
    ['delete', changes.filter(change => !change.after)],
  ] as const
  for (const [at, [operation, own]] of kinds.entries()) {
    const recordings = own.map(({ _id, before = {}, after = {} }) => ({ documentId: _id, before, after }))
    if (recordings.length > 0)
      await recordBatch(definition, { operation, number: place * kinds.length + at, recordings })
  }
}
