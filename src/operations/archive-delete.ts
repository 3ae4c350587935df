// Deletes documents that are still what was read, and audits each of them.
import { type Document, MongoServerError } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { settingsOf } from '../models/settings.ts'
import { recordedLater } from '../runtime/audit.ts'
import { prepareAudit } from '../runtime/audit-batch.ts'
import { storedFrom } from '../runtime/codec.ts'
import { hasTransactions } from '../runtime/connection.ts'
import { currentTransaction } from '../runtime/context.ts'
import { run } from '../runtime/execute.ts'
import { transaction } from '../runtime/transaction.ts'
import { type Digests, idsThere, keyOf, scatter } from './archive-bytes.ts'
import { exactDocument } from './archive-exact.ts'

/** Documents as they are where they come from. */
export interface Sources {
  readonly digests: Digests
  /** The documents as they are stored, where their deletion is to be audited or guarded one by one. */
  readonly bytes: readonly Uint8Array[]
  /** The range of their ids, where nothing else that matches lies in it. */
  readonly range?: Document | undefined
}

/** A document by its id, and the key of that. */
export interface Entry {
  readonly id: unknown
  readonly key: string
}

/** Deletes documents that match a filter and are unchanged; gives the keys of those that are still there. */
export async function deleteUnchanged(
  definition: ModelDefinition,
  filter: Document,
  entries: readonly Entry[],
  { bytes, range }: Pick<Sources, 'bytes' | 'range'>,
): Promise<ReadonlySet<string>> {
  if (entries.length === 0) return new Set()
  const ids = entries.map(({ id }) => id)
  const keys = new Set(bytes.length > 0 ? entries.map(({ key }) => key) : [])
  const mine = bytes.filter(found => keys.has(keyOf(found)))
  const write = async () => {
    const remaining = await deleteSilently(definition, filter, { ids, bytes: mine, range })
    return { result: remaining, recordings: recordingsOf(definition, mine, remaining) }
  }
  return recordedLater(definition, write, { ids, operation: 'delete' })
}

/** Does work in one transaction, where there are some; the log is made before, since a transaction could not see it. */
export async function together<T>(definition: ModelDefinition, act: () => Promise<T>): Promise<T> {
  const { connection } = definition
  await prepareAudit(definition)
  return (await hasTransactions(connection)) ? transaction(act, { connection }) : act()
}

/** As deleteUnchanged, without an entry in the audit. */
export async function deleteSilently(
  definition: ModelDefinition,
  filter: Document,
  { ids, bytes, range }: Pick<Sources, 'bytes' | 'range'> & { readonly ids: readonly unknown[] },
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const isGuarded = currentTransaction() !== undefined
  const named = range ?? { $in: ids }
  const deleted = isGuarded ? await deleteAll(definition, filter, named) : await deleteEach(definition, filter, bytes)
  if (range && deleted > ids.length) throw anotherCame(definition)
  return deleted === ids.length ? new Set() : idsThere(definition, ids)
}

// Where transactions see what others write, a document may have come into the range: the transaction is done again.
function anotherCame(definition: ModelDefinition): Error {
  scatter(definition)
  const error = new MongoServerError({ message: 'another document came into the range', code: WRITE_CONFLICT })
  error.addErrorLabel('TransientTransactionError')
  return error
}

const WRITE_CONFLICT = 112

function recordingsOf(definition: ModelDefinition, bytes: readonly Uint8Array[], remaining: ReadonlySet<string>) {
  if (!settingsOf(definition).audit) return []
  return bytes
    .filter(found => !remaining.has(keyOf(found)))
    .map(storedFrom)
    .map(before => ({ operation: 'delete' as const, documentId: before._id, before, after: {} }))
}

// In a transaction they were read a moment ago, and a change meanwhile ends it.
async function deleteAll(definition: ModelDefinition, filter: Document, named: Document): Promise<number> {
  const mine = { $and: [{ _id: named }, filter] }
  const result = await run(definition, { operation: 'deleteMany', filter: mine }, (collection, session) =>
    collection.deleteMany(mine, { hint: '_id_', ...session }),
  )
  return result.deletedCount
}

// Without transactions each delete compares the whole document as it is at that moment.
async function deleteEach(
  definition: ModelDefinition,
  filter: Document,
  bytes: readonly Uint8Array[],
): Promise<number> {
  const deletes = bytes.flatMap(found => {
    const document = exactDocument(found)
    const same = { $expr: { $eq: ['$$ROOT', { $literal: document }] } }
    const id = document instanceof Map ? document.get('_id') : document?._id
    return document ? [{ deleteOne: { filter: { $and: [{ _id: id }, filter, same] } } }] : []
  })
  if (deletes.length === 0) return 0
  const result = await run(definition, { operation: 'deleteMany', filter }, collection =>
    collection.bulkWrite(deletes as never, { ordered: false, writeConcern: { w: 'majority' } }),
  )
  return result.deletedCount
}
