// The database by hand: raw collections take part in a line's transaction, and bear the names of other shells.
import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'
import { currentTransaction } from '../../runtime/context.ts'

/** Gives a database whose collections read, and in a transaction write, what the line does.
 * `db.posts` is `db.collection('posts')`. */
export function boundDatabase(db: Db): Db {
  const collection = (name: string, options?: object) => boundCollection(db.collection(name, options), db.client)
  const words: Readonly<Record<string, unknown>> = {
    collection,
    getCollection: collection,
    getSiblingDB: (name: string) => boundDatabase(db.client.db(name)),
    getName: () => db.databaseName,
    runCommand: (command: string | object) => db.command(typeof command === 'string' ? { [command]: 1 } : command),
    getCollectionNames: async () =>
      (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  }
  return new Proxy(db, {
    get: (target, name) => {
      if (typeof name === 'string' && Object.hasOwn(words, name)) return words[name]
      if (typeof name !== 'string' || name in target || silent.has(name)) return methodOf(target, name)
      return collection(name)
    },
  })
}

/** What is asked of any value, to see whether it is a promise, or can be written. */
const silent = new Set(['then', 'toJSON', 'nodeType'])

/** The methods that take a session, and the place of their options. */
const reads: Readonly<Record<string, number>> = { find: 1, findOne: 1, aggregate: 1, countDocuments: 1, distinct: 2 }
const writes: Readonly<Record<string, number>> = {
  ...{ insertOne: 1, insertMany: 1, bulkWrite: 1, deleteOne: 1, deleteMany: 1, findOneAndDelete: 1 },
  ...{ updateOne: 2, updateMany: 2, replaceOne: 2, findOneAndUpdate: 2, findOneAndReplace: 2 },
}

function boundCollection(collection: Collection, client: MongoClient): Collection {
  return new Proxy(collection, {
    get: (target, name) => {
      const method = methodOf(target, name)
      const [read, write] = [reads, writes].map(table => table[String(name)])
      if (typeof method !== 'function' || (read === undefined && write === undefined)) return method
      return (...given: unknown[]) => {
        const session = sessionFor(client, read === undefined ? 'write' : 'read')
        return session ? method(...withSession(given, (read ?? write)!, session)) : method(...given)
      }
    },
  })
}

// What is only tried is what models write: their changes can be shown, and made again.
function sessionFor(client: MongoClient, way: 'read' | 'write'): ClientSession | undefined {
  const open = currentTransaction()
  if (!open || (way === 'write' && open.isTrial)) return undefined
  // The driver keeps the client of a session to itself.
  const { session } = open as { readonly session: ClientSession & { readonly client?: MongoClient } }
  return session.client === client ? session : undefined
}

function withSession(given: readonly unknown[], place: number, session: unknown): readonly unknown[] {
  const before = Array.from({ length: place }, (_, at) => given[at])
  return [...before, { session, ...(given[place] as object | undefined) }]
}

function methodOf(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target)
  return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value
}
