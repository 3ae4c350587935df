// Performs the operations of unified tests through the official driver.
import { type AnyClientBulkWriteModel, ClientSession, Collection, Db, type Document, MongoClient } from 'mongodb'
import { driverOptions, type Entities } from './entities.ts'
import { withMapsAsDocuments } from './expected-error.ts'

/** Performs an operation on an entity that is no test runner and gives its result. */
export async function performed(
  name: string,
  entity: unknown,
  { args, entities }: { args: Document; entities: Entities },
): Promise<unknown> {
  const options = driverOptions(args)
  if (typeof args.session === 'string') options.session = entities.session(args.session)
  const perform = tableOf(entity)[name]
  if (perform === undefined) throw new TypeError(`the runner does not know the operation ${name}`)
  return perform(entity as never, options)
}

type Operations = Readonly<Record<string, (entity: never, args: Document) => unknown>>

function tableOf(entity: unknown): Operations {
  if (entity instanceof Collection) return COLLECTION
  if (entity instanceof Db) return DATABASE
  if (entity instanceof MongoClient) return CLIENT
  return entity instanceof ClientSession ? SESSION : {}
}

const COLLECTION: Operations = {
  aggregate: (c: Collection, { pipeline, ...options }) => c.aggregate(pipeline, options).toArray(),
  bulkWrite: (c: Collection, { requests, ...options }) => c.bulkWrite(requests, options),
  count: (c: Collection, { filter, ...options }) => c.count(filter, options),
  countDocuments: (c: Collection, { filter, ...options }) => c.countDocuments(filter, options),
  createIndex: (c: Collection, { keys, ...options }) => c.createIndex(keys, options),
  createSearchIndex: (c: Collection, { model }) => c.createSearchIndex(model),
  createSearchIndexes: (c: Collection, { models }) => c.createSearchIndexes(models),
  deleteMany: (c: Collection, { filter, ...options }) => c.deleteMany(filter, options),
  deleteOne: (c: Collection, { filter, ...options }) => c.deleteOne(filter, options),
  distinct: (c: Collection, { fieldName, filter, ...options }) => c.distinct(fieldName, filter, options),
  dropIndex: (c: Collection, { name, ...options }) => c.dropIndex(name, options),
  dropSearchIndex: (c: Collection, { name }) => c.dropSearchIndex(name),
  estimatedDocumentCount: (c: Collection, options) => c.estimatedDocumentCount(options),
  find: (c: Collection, { filter, ...options }) => c.find(filter, options).toArray(),
  findOne: (c: Collection, { filter, ...options }) => c.findOne(filter, options),
  findOneAndDelete: (c: Collection, { filter, ...options }) => c.findOneAndDelete(filter, options),
  findOneAndReplace: (c: Collection, { filter, replacement, ...options }) =>
    c.findOneAndReplace(filter, replacement, returning(options)),
  findOneAndUpdate: (c: Collection, { filter, update, ...options }) =>
    c.findOneAndUpdate(filter, update, returning(options)),
  insertMany: (c: Collection, { documents, ...options }) => c.insertMany(documents, options),
  insertOne: (c: Collection, { document, ...options }) => c.insertOne(document, options),
  listIndexes: (c: Collection, options) => c.listIndexes(options).toArray(),
  listSearchIndexes: (c: Collection, { name, aggregationOptions }) =>
    c.listSearchIndexes(name, aggregationOptions).toArray(),
  replaceOne: (c: Collection, { filter, replacement, ...options }) => c.replaceOne(filter, replacement, options),
  updateMany: (c: Collection, { filter, update, ...options }) => c.updateMany(filter, update, options),
  updateOne: (c: Collection, { filter, update, ...options }) => c.updateOne(filter, update, options),
  updateSearchIndex: (c: Collection, { name, definition }) => c.updateSearchIndex(name, definition),
}

const DATABASE: Operations = {
  aggregate: (db: Db, { pipeline, ...options }) => db.aggregate(pipeline, options).toArray(),
  createCollection: (db: Db, { collection, ...options }) => db.createCollection(collection, options),
  dropCollection: (db: Db, { collection, ...options }) => db.dropCollection(collection, options),
  listCollections: (db: Db, { filter, ...options }) => db.listCollections(filter, options).toArray(),
  modifyCollection: (db: Db, { collection, ...options }) => db.command({ collMod: collection, ...options }),
  runCommand: (db: Db, { command, commandName: _, ...options }) => db.command(command, options),
}

const CLIENT: Operations = {
  clientBulkWrite: async (client: MongoClient, { models, ...options }) =>
    withMapsAsDocuments(await client.bulkWrite(models.map(clientModel), options)),
}

const SESSION: Operations = {
  abortTransaction: (session: ClientSession) => session.abortTransaction(),
  commitTransaction: (session: ClientSession) => session.commitTransaction(),
  endSession: (session: ClientSession) => session.endSession(),
  startTransaction: (session: ClientSession, options) => session.startTransaction(options),
}

function returning({ returnDocument, ...options }: Document): Document {
  return returnDocument === undefined ? options : { ...options, returnDocument: returnDocument.toLowerCase() }
}

function clientModel(model: Document): AnyClientBulkWriteModel<Document> {
  const [name, fields] = Object.entries(model)[0]!
  return { name, ...fields }
}
