// The class side of every model: create, get, find and their like.
import type { Document as BsonDocument, Collection } from 'mongodb'
import { DocumentNotFound, InvalidFilter } from '../errors.ts'
import { checkFilter } from '../models/filter.ts'
import type { Filter } from '../models/infer.ts'
import { emptyPlan } from '../models/plan.ts'
import type { DeletedMode } from '../models/plugin.ts'
import { Reference } from '../models/ref.ts'
import { adopt } from '../models/registry.ts'
import { type ArchivePlace, archiveClass, archiveCollection } from './archive-class.ts'
import { bulkWrite } from './bulk.ts'
import type { BulkOutcome, BulkWriteOptions } from './bulk-types.ts'
import { DocumentBase, type RuntimeModel } from './document.ts'
import { aggregateOf, collectionOf } from './execute.ts'
import { type Finding, findingsOf } from './findings.ts'
import { insertAll, save } from './lifecycle.ts'
import { Query } from './query.ts'
import { countReverse } from './reverse.ts'
import { refuseShadows } from './shadow.ts'
import type { BulkOptions, UpdateOutcome } from './update.ts'
import type { UpdateDocument } from './update-types.ts'
import { watchOf } from './watch.ts'

type Conditions = Record<string, unknown>

/** The statics of every model, put on each model's class. */
export const statics = {
  find(this: RuntimeModel, filter: Conditions = {}): Query<unknown> {
    return queryOf(this, filter)
  },

  async findOne(this: RuntimeModel, filter: unknown): Promise<unknown> {
    return isFilter(filter) ? queryOf(this, filter).first() : byId(this, filter)
  },

  async get(this: RuntimeModel, id: unknown): Promise<unknown> {
    const found = await byId(this, id)
    if (found) return found
    throw new DocumentNotFound({
      model: this.modelName,
      id: `_id ${String((id as { _id?: unknown } | null)?._id ?? id)}`,
    })
  },

  async create(this: RuntimeModel, input: unknown): Promise<DocumentBase> {
    const document = made(this, input)
    await save(document)
    return document
  },

  async insertMany(this: RuntimeModel, inputs: readonly unknown[]): Promise<readonly DocumentBase[]> {
    const documents = inputs.map(input => made(this, input))
    await insertAll(documents)
    return documents
  },

  async count(this: RuntimeModel, filter: Conditions = {}): Promise<number> {
    return queryOf(this, filter).count()
  },

  async exists(this: RuntimeModel, filter: Conditions = {}): Promise<boolean> {
    return queryOf(this, filter).exists()
  },

  async distinct(this: RuntimeModel, path: string, filter: Conditions = {}): Promise<unknown[]> {
    return queryOf(this, filter).distinct(path)
  },

  findDeleted(this: RuntimeModel, filter: Conditions = {}): Query<unknown> {
    return queryOf(this, filter).onlyDeleted()
  },

  archived(this: RuntimeModel, place: ArchivePlace = {}): Query<unknown> {
    adopt(this)
    return new Query<unknown>(archiveClass(this, place))
  },

  withArchive(this: RuntimeModel, place: Pick<ArchivePlace, 'collection'> = {}): Query<unknown> {
    adopt(this)
    return new Query<unknown>(this, { ...emptyPlan, union: place.collection ?? archiveCollection(this.definition) })
  },

  async updateMany(
    this: RuntimeModel,
    filter: Conditions,
    update: unknown,
    options: BulkOptions = {},
  ): Promise<UpdateOutcome> {
    return queryOf(this, filter).updateMany(update as UpdateDocument, options)
  },

  async deleteMany(
    this: RuntimeModel,
    filter: Conditions,
    options: BulkOptions = {},
  ): Promise<{ readonly deletedCount: number }> {
    return queryOf(this, filter).deleteMany(options)
  },

  async bulkWrite(
    this: RuntimeModel,
    operations: readonly unknown[],
    options: BulkWriteOptions = {},
  ): Promise<BulkOutcome> {
    adopt(this)
    return bulkWrite(this, operations, options)
  },

  async counts(this: RuntimeModel, documents: readonly DocumentBase[], path: string): Promise<readonly number[]> {
    adopt(this)
    return countReverse(this, documents, path)
  },

  async aggregate(
    this: RuntimeModel,
    pipeline: readonly BsonDocument[],
    options: { readonly deleted?: DeletedMode } = {},
  ): Promise<readonly BsonDocument[]> {
    return aggregateOf(this.definition, pipeline, options.deleted ?? 'exclude')
  },

  async validate(this: RuntimeModel, filter: Conditions = {}): Promise<readonly Finding[]> {
    return findingsOf(this, queryOf(this, filter).state)
  },

  async watch(this: RuntimeModel, pipeline: readonly BsonDocument[] = []): Promise<AsyncIterable<unknown>> {
    return watchOf(this, pipeline)
  },

  async collection(this: RuntimeModel): Promise<Collection<BsonDocument>> {
    return collectionOf(this.definition)
  },

  ref(this: RuntimeModel, id: unknown): Reference {
    const filter = checkFilter(this.definition, { _id: id })
    return new Reference({ target: () => this as never, by: '_id' }, filter._id)
  },
}

function made(model: RuntimeModel, input: unknown): DocumentBase {
  const document = new model(input)
  refuseShadows(model, document, input as Conditions)
  return document
}

function queryOf(model: RuntimeModel, filter: Conditions): Query<unknown> {
  adopt(model)
  return new Query<unknown>(model).find(filter as Filter<unknown>)
}

// Ids come from addresses and forms: text that can be no id of the model is the id of no document.
async function byId(model: RuntimeModel, id: unknown): Promise<unknown> {
  try {
    return await queryOf(model, { _id: id }).first()
  } catch (error) {
    if (error instanceof InvalidFilter && typeof id === 'string') return null
    throw error
  }
}

function isFilter(value: unknown): value is Conditions {
  if (typeof value !== 'object' || value === null || value instanceof DocumentBase) return false
  return !('_bsontype' in value) && !(value instanceof Reference)
}
