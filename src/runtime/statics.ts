// The class side of every model: create, get, find and their like.
import type { Document as BsonDocument, Collection } from 'mongodb'
import { DocumentNotFound } from '../errors.ts'
import { checkFilter } from '../models/filter.ts'
import type { Filter } from '../models/infer.ts'
import type { DeletedMode } from '../models/plugin.ts'
import { Reference } from '../models/ref.ts'
import { adopt } from '../models/registry.ts'
import { DocumentBase, type RuntimeModel } from './document.ts'
import { aggregateOf, collectionOf } from './execute.ts'
import { insertAll, save } from './lifecycle.ts'
import { Query } from './query.ts'
import type { BulkOptions, UpdateOutcome } from './update.ts'
import type { UpdateDocument } from './update-types.ts'

type Conditions = Record<string, unknown>

/** The statics of every model, put on each model's class. */
export const statics = {
  find(this: RuntimeModel, filter: Conditions = {}): Query<unknown> {
    return queryOf(this, filter)
  },

  async findOne(this: RuntimeModel, filter: unknown): Promise<unknown> {
    return queryOf(this, isFilter(filter) ? filter : { _id: filter }).first()
  },

  async get(this: RuntimeModel, id: unknown): Promise<unknown> {
    const found = await queryOf(this, { _id: id }).first()
    if (found) return found
    throw new DocumentNotFound({
      model: this.modelName,
      id: `_id ${String((id as { _id?: unknown } | null)?._id ?? id)}`,
    })
  },

  async create(this: RuntimeModel, input: unknown): Promise<DocumentBase> {
    const document = new this(input)
    await save(document)
    return document
  },

  async insertMany(this: RuntimeModel, inputs: readonly unknown[]): Promise<readonly DocumentBase[]> {
    const documents = inputs.map(input => new this(input))
    await insertAll(documents)
    return documents
  },

  count(this: RuntimeModel, filter: Conditions = {}): Promise<number> {
    return queryOf(this, filter).count()
  },

  exists(this: RuntimeModel, filter: Conditions = {}): Promise<boolean> {
    return queryOf(this, filter).exists()
  },

  distinct(this: RuntimeModel, path: string, filter: Conditions = {}): Promise<unknown[]> {
    return queryOf(this, filter).distinct(path)
  },

  findDeleted(this: RuntimeModel, filter: Conditions = {}): Query<unknown> {
    return queryOf(this, filter).onlyDeleted()
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

  aggregate(
    this: RuntimeModel,
    pipeline: readonly BsonDocument[],
    options: { readonly deleted?: DeletedMode } = {},
  ): Promise<readonly BsonDocument[]> {
    return aggregateOf(this.definition, pipeline, options.deleted ?? 'exclude')
  },

  collection(this: RuntimeModel): Promise<Collection<BsonDocument>> {
    return collectionOf(this.definition)
  },

  ref(this: RuntimeModel, id: unknown): Reference {
    const filter = checkFilter(this.definition, { _id: id })
    return new Reference({ target: () => this as never, by: '_id' }, filter._id)
  },
}

function queryOf(model: RuntimeModel, filter: Conditions): Query<unknown> {
  adopt(model)
  return new Query<unknown>(model).find(filter as Filter<unknown>)
}

function isFilter(value: unknown): value is Conditions {
  if (typeof value !== 'object' || value === null || value instanceof DocumentBase) return false
  return !('_bsontype' in value) && !(value instanceof Reference)
}
