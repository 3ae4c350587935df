// Where the audit lies: its collections, and the indexes that keep pages of it fast however long it gets.
import { type Collection, type Db, type Document, MongoServerError } from 'mongodb'
import { connectionOf } from './connection.ts'
import { outside } from './transaction.ts'

/** The collection of all entries. */
export const AUDIT_COLLECTION = '_audit_log'

/** The collection that holds the newest place of each chain: without it, nobody would miss a cut tail. */
export const CHAIN_COLLECTION = '_goose_chains'

const newestFirst = { at: -1, _id: -1 } as const

// The narrowest first: where several would do, planners without statistics take the first.
const indexes = [
  { key: { chain: 1, seq: 1 }, unique: true },
  { key: { documentId: 1, ...newestFirst } },
  { key: { op: 1, ...newestFirst } },
  { key: { 'by.userId': 1, ...newestFirst } },
  { key: { fields: 1, ...newestFirst } },
  { key: { model: 1, ...newestFirst } },
  { key: newestFirst },
] as const

const prepared = new WeakMap<Db, Promise<void>>()

/** Makes the log and its indexes, once for each connection. Throws when the log is not to be had. */
export async function prepareLog(alias: string): Promise<void> {
  const { db } = await connectionOf(alias)
  const there = prepared.get(db)
  if (there) return there
  const made = outside(() => makeLog(db))
  prepared.set(db, made)
  made.catch(() => prepared.delete(db))
  return made
}

/** Gives the collection of the entries. */
export async function logOf(alias: string): Promise<Collection<Document>> {
  return (await connectionOf(alias)).db.collection(AUDIT_COLLECTION)
}

async function makeLog(db: Db): Promise<void> {
  await db.createCollection(CHAIN_COLLECTION).catch(ignoreServer)
  // An index that cannot be made slows the log down; that is no reason to refuse changes.
  await db
    .collection(AUDIT_COLLECTION)
    .createIndexes(indexes as never)
    .catch(ignoreServer)
}

function ignoreServer(error: unknown): void {
  if (!(error instanceof MongoServerError)) throw error
}
