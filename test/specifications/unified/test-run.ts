// Runs one unified test: prepares data, performs its operations and checks results, events and outcome.
import { AssertionError } from 'node:assert'
import type { ClientSession, Document, MongoClient } from 'mongodb'
import { Entities } from './entities.ts'
import { eventMismatch } from './events.ts'
import { errorMismatch } from './expected-error.ts'
import { mismatch } from './matching.ts'
import { performed } from './operations.ts'
import type { CollectionData, ExpectedError, Operation, Specification, SpecificationTest } from './specification.ts'

export interface Server {
  readonly uri: string
  /** a client of the runner's own, for data and fail points */
  readonly client: MongoClient
}

/** Runs a test; throws an AssertionError that says what differs. */
export async function runTest(
  test: SpecificationTest,
  { createEntities, initialData }: Specification,
  server: Server,
): Promise<void> {
  await fill(initialData ?? [], server.client)
  const run = new TestRun(server)
  try {
    await run.start(createEntities ?? [])
    for (const operation of test.operations) await run.perform(operation)
    demand(eventMismatch(test.expectEvents ?? [], run.entities), 'events')
    for (const data of test.outcome ?? []) await checkOutcome(data, server.client)
  } finally {
    await run.finish()
  }
}

async function fill(data: readonly CollectionData[], client: MongoClient): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions } of data) {
    const db = client.db(databaseName)
    await db.collection(collectionName).drop({ writeConcern: { w: 'majority' } })
    if (documents.length === 0 || createOptions !== undefined) await db.createCollection(collectionName, createOptions)
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents as Document[])
  }
}

async function checkOutcome(
  { databaseName, collectionName, documents }: CollectionData,
  client: MongoClient,
): Promise<void> {
  const found = await client
    .db(databaseName)
    .collection(collectionName)
    .find({}, { sort: { _id: 1 } })
    .toArray()
  const strict = mismatch(
    { outcome: found },
    { outcome: documents },
    { entity: () => undefined, sessionId: () => undefined },
  )
  demand(strict, `the collection ${collectionName}`)
}

function demand(wrong: string | undefined, what: string): void {
  if (wrong !== undefined) throw new AssertionError({ message: `${what}: ${wrong}` })
}

class TestRun {
  readonly entities: Entities
  readonly #server: Server
  readonly #failPoints = new Set<string>()

  constructor(server: Server) {
    this.#server = server
    this.entities = new Entities(server.uri)
  }

  start(createEntities: readonly Document[]): Promise<void> {
    return this.entities.create(createEntities)
  }

  /** Switches fail points off and closes clients. */
  async finish(): Promise<void> {
    for (const name of this.#failPoints)
      await this.#server.client.db('admin').command({ configureFailPoint: name, mode: 'off' })
    await this.entities.close()
  }

  /** Performs an operation and checks its result; gives the error that was expected or is ignored. */
  async perform(operation: Operation): Promise<unknown> {
    const { name, expectResult, expectError, ignoreResultAndError } = operation
    let result: unknown
    let error: unknown
    try {
      result = await this.#result(operation)
    } catch (thrown) {
      if (thrown instanceof AssertionError || thrown instanceof TypeError) throw thrown
      error = thrown
    }
    if (ignoreResultAndError === true) return error
    if (expectError === undefined && error !== undefined) throw error
    if (expectError !== undefined) demand(wrongError(error, expectError, this.entities), name)
    else if (expectResult !== undefined) demand(resultMismatch(result, expectResult, this.entities), name)
    return error
  }

  #result({ name, object, arguments: args = {} }: Operation): Promise<unknown> | unknown {
    if (object === 'testRunner') return this.#control(name, args)
    const entity = this.entities.entity(object)
    if (name === 'withTransaction') return this.#withTransaction(entity as ClientSession, args)
    return performed(name, entity, { args, entities: this.entities })
  }

  #withTransaction(session: ClientSession, { callback, ...options }: Document): Promise<unknown> {
    return session.withTransaction(async () => {
      for (const operation of callback as Operation[]) await this.#inTransaction(operation)
    }, options)
  }

  /** An error in a callback ends it all the same, so that withTransaction sees it. */
  async #inTransaction(operation: Operation): Promise<void> {
    const error = await this.perform(operation)
    if (error !== undefined) throw error
  }

  async #control(name: string, args: Document): Promise<void> {
    switch (name) {
      case 'createEntities':
        return this.entities.create(args.entities)
      case 'failPoint':
      case 'targetedFailPoint':
        this.#failPoints.add(args.failPoint.configureFailPoint)
        await this.#server.client.db('admin').command(args.failPoint)
        return
      case 'assertSessionTransactionState':
        return demand(stateMismatch(this.entities.session(args.session), args.state), name)
      case 'assertSessionPinned':
      case 'assertSessionUnpinned':
        return demand(
          this.entities.session(args.session).isPinned === (name === 'assertSessionPinned') ? undefined : 'is not so',
          name,
        )
      case 'assertCollectionExists':
      case 'assertCollectionNotExists':
        return demand(await this.#collectionMismatch(args, name === 'assertCollectionExists' ? 1 : 0), name)
      case 'assertIndexExists':
      case 'assertIndexNotExists':
        return demand(await this.#indexMismatch(args, name === 'assertIndexExists' ? 1 : 0), name)
      default:
        throw new TypeError(`the runner does not know the operation ${name} of the test runner`)
    }
  }

  async #collectionMismatch({ databaseName, collectionName }: Document, wanted: number): Promise<string | undefined> {
    const found = await this.#server.client.db(databaseName).listCollections({ name: collectionName }).toArray()
    return found.length === wanted ? undefined : `${found.length} collections ${collectionName}`
  }

  async #indexMismatch(
    { databaseName, collectionName, indexName }: Document,
    wanted: number,
  ): Promise<string | undefined> {
    const indexes = await this.#server.client
      .db(databaseName)
      .collection(collectionName)
      .listIndexes()
      .toArray()
      .catch(() => [])
    const found = indexes.filter(({ name }) => name === indexName)
    return found.length === wanted ? undefined : `${found.length} indexes ${indexName}`
  }
}

function wrongError(error: unknown, expected: ExpectedError, entities: Entities): string | undefined {
  return error === undefined ? 'succeeded, but must fail' : errorMismatch(error, expected, entities)
}

function resultMismatch(result: unknown, expected: unknown, entities: Entities): string | undefined {
  return mismatch(result === undefined ? null : result, expected, entities)
}

function stateMismatch(session: ClientSession, state: string): string | undefined {
  const { transaction } = session as unknown as { transaction: { state: string } }
  const actual = {
    NO_TRANSACTION: 'none',
    STARTING_TRANSACTION: 'starting',
    TRANSACTION_IN_PROGRESS: 'in_progress',
    TRANSACTION_COMMITTED: 'committed',
    TRANSACTION_COMMITTED_EMPTY: 'committed',
    TRANSACTION_ABORTED: 'aborted',
  }[transaction.state]
  return actual === state ? undefined : `is ${actual}, not ${state}`
}
