// Indexes and the server's validator of a model: planned first, created before anything is dropped.
import type { Collection, CreateIndexesOptions, Db, Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { IndexDeclaration } from '../models/index-declaration.ts'
import { type IndexChange, type IndexPlan, indexName, planIndexes, type StoredIndex } from '../models/index-plan.ts'
import { storedIndexes } from '../models/stored-index.ts'
import { validatorOf } from '../models/validator.ts'
import { rootOf } from '../models/variant.ts'
import { connectionOf } from './connection.ts'
import { explained } from './driver-error.ts'
import { collectionOf } from './execute.ts'

/** What a sync does with indexes that no model declares. */
export interface SyncOptions {
  /** `keep` is the default: an index of unknown purpose is somebody's. */
  readonly extra?: 'keep' | 'drop'
}

/** What a sync has done, and the plan it followed. */
export interface IndexSync extends IndexPlan {
  readonly created: readonly string[]
  readonly modified: readonly string[]
  readonly dropped: readonly string[]
}

/** What the server is to check. */
export interface CollectionOptions extends SyncOptions {
  /** `moderate` (the default) leaves documents alone that did not fit before; `off` removes the validator. */
  readonly validator?: 'off' | 'moderate' | 'strict'
  /** `warn` only writes to the server's log. */
  readonly action?: 'error' | 'warn'
}

/** Compares the declared indexes with those that are there. Changes nothing. */
export async function diffIndexes(definition: ModelDefinition): Promise<IndexPlan> {
  const collection = await collectionOf(definition)
  return planIndexes(storedIndexes(definition), await indexesOf(collection))
}

/** Makes the declared indexes be there: creates, then changes, and drops last. */
export async function syncIndexes(definition: ModelDefinition, options: SyncOptions = {}): Promise<IndexSync> {
  const { db } = await connectionOf(definition.connection)
  const existing = await indexesOf(db.collection(definition.collection))
  const plan = planIndexes(storedIndexes(definition), existing)
  const run = new SyncRun(db, definition.collection, existing)
  try {
    for (const index of plan.create) await run.create(index)
    for (const change of plan.change) await run.change(change)
    if (options.extra === 'drop') for (const index of plan.extra) await run.drop(index)
  } catch (error) {
    throw explained(error, definition)
  }
  return { ...plan, created: run.created, modified: run.modified, dropped: run.dropped }
}

/** Makes the collection, its validator and its indexes be there. */
export async function ensureCollection(
  definition: ModelDefinition,
  options: CollectionOptions = {},
): Promise<IndexSync> {
  const { db } = await connectionOf(definition.connection)
  const level = options.validator ?? 'moderate'
  const rules = {
    validator: level === 'off' ? {} : { $jsonSchema: validatorOf(rootOf(definition)) },
    validationLevel: level,
    validationAction: options.action ?? 'error',
  }
  const there = await db.listCollections({ name: definition.collection }, { nameOnly: true }).hasNext()
  if (there || !(await isCreated(() => db.createCollection(definition.collection, rules))))
    await db.command({ collMod: definition.collection, ...rules })
  return syncIndexes(definition, options)
}

class SyncRun {
  readonly created: string[] = []
  readonly modified: string[] = []
  readonly dropped: string[] = []
  readonly #db: Db
  readonly #collection: Collection<Document>
  readonly #taken: Set<string>

  constructor(db: Db, collection: string, existing: readonly StoredIndex[]) {
    this.#db = db
    this.#collection = db.collection(collection)
    this.#taken = new Set(existing.map(index => index.name))
  }

  async create(index: IndexDeclaration): Promise<void> {
    const { key, ...options } = index
    const name = indexName(index, this.#taken)
    await this.#collection.createIndex(key, { ...options, name } as CreateIndexesOptions)
    this.#taken.add(name)
    this.created.push(name)
  }

  async drop(index: StoredIndex): Promise<void> {
    await this.#collection.dropIndex(index.name)
    this.#taken.delete(index.name)
    this.dropped.push(index.name)
  }

  /** Changes the time to live in place; otherwise builds the new index beside the old one before that goes. */
  async change({ declared, existing, differs }: IndexChange): Promise<void> {
    if (differs.join() === 'expireAfterSeconds' && declared.expireAfterSeconds !== undefined) {
      if (existing.expireAfterSeconds !== undefined) return this.#modify(declared, existing)
    }
    try {
      await this.create(declared)
    } catch (error) {
      if (!isConflict(error)) throw error
      return this.#replace(declared, existing)
    }
    await this.drop(existing)
  }

  async #modify(declared: IndexDeclaration, existing: StoredIndex): Promise<void> {
    const index = { name: existing.name, expireAfterSeconds: declared.expireAfterSeconds }
    await this.#db.command({ collMod: this.#collection.collectionName, index })
    this.modified.push(existing.name)
  }

  // Servers that allow no two indexes of these keys: when the new one cannot be built, the old one comes back.
  async #replace(declared: IndexDeclaration, existing: StoredIndex): Promise<void> {
    await this.drop(existing)
    try {
      await this.create(declared)
    } catch (error) {
      await this.#collection.createIndexes([recreation(existing)] as never)
      this.dropped.pop()
      throw error
    }
  }
}

// What the server lists beside the keys and options that it takes back.
function recreation({ v: _version, ns: _namespace, ...index }: StoredIndex): Record<string, unknown> {
  if (!('_fts' in index.key)) return index
  const texts = Object.keys((index.weights ?? {}) as object).map(path => [path, 'text'])
  const key = Object.entries(index.key).flatMap(([path, way]) =>
    path === '_fts' ? texts : path === '_ftsx' ? [] : [[path, way]],
  )
  return { ...index, key: Object.fromEntries(key) }
}

async function indexesOf(collection: Collection<Document>): Promise<readonly StoredIndex[]> {
  try {
    return (await collection.listIndexes().toArray()) as unknown as StoredIndex[]
  } catch (error) {
    // There is no such collection, or it is a view, which has none of its own.
    if ([26, 166].includes((error as { readonly code?: number }).code ?? 0)) return []
    throw error
  }
}

// Another process may create the collection between the look and the command.
async function isCreated(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create()
    return true
  } catch (error) {
    if ((error as { readonly code?: number }).code === 48) return false
    throw error
  }
}

function isConflict(error: unknown): boolean {
  return [67, 68, 85, 86].includes((error as { readonly code?: number }).code ?? 0)
}
