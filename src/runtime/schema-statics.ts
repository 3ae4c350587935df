// What a model's class can do about its collection: indexes, validator, keys, schemas for API input.
import type * as z from 'zod'
import type { IndexPlan } from '../models/index-plan.ts'
import type { Input, Shape } from '../models/infer.ts'
import { createSchemaOf, jsonSchemaOf, updateSchemaOf } from '../models/input-schema.ts'
import type { RuntimeModel } from './document.ts'
import {
  type CollectionOptions,
  diffIndexes,
  ensureCollection,
  type IndexSync,
  type SyncOptions,
  syncIndexes,
} from './indexes.ts'
import { type RotationOptions, type RotationState, rotateKeys } from './rotation.ts'

/** Indexes, validator and schemas of a model. */
export interface SchemaStatics<S extends Shape> {
  /** Compares the declared indexes with those that are there; changes nothing. */
  diffIndexes(): Promise<IndexPlan>
  /** Creates and changes indexes until the declared ones are there; drops others only when told to. */
  syncIndexes(options?: SyncOptions): Promise<IndexSync>
  /** Creates the collection, its indexes and the server's validator, or brings them up to date. */
  ensureCollection(options?: CollectionOptions): Promise<IndexSync>
  /** Encrypts with the newest key what is encrypted with older ones, or not yet; can stop and go on. */
  rotateKeys(options?: RotationOptions): Promise<RotationState>
  /** Checks a request that creates a document; secret fields and those the server sets are refused. */
  readonly createSchema: z.ZodType<Input<S>>
  /** Checks a request that changes a document: any of the same fields. */
  readonly updateSchema: z.ZodType<Partial<Input<S>>>
  /** Gives the JSON Schema of a request that creates a document. */
  jsonSchema(): Record<string, unknown>
}

/** The statics of every model about its collection and its schemas. */
export const schemaStatics = {
  diffIndexes(this: RuntimeModel): Promise<IndexPlan> {
    return diffIndexes(this.definition)
  },

  syncIndexes(this: RuntimeModel, options: SyncOptions = {}): Promise<IndexSync> {
    return syncIndexes(this.definition, options)
  },

  ensureCollection(this: RuntimeModel, options: CollectionOptions = {}): Promise<IndexSync> {
    return ensureCollection(this.definition, options)
  },

  rotateKeys(this: RuntimeModel, options: RotationOptions = {}): Promise<RotationState> {
    return rotateKeys(this.definition, options)
  },

  // Typed above; comparing zod's types here would cost every program that uses the library.
  get createSchema(): unknown {
    return createSchemaOf((this as unknown as RuntimeModel).definition)
  },

  get updateSchema(): unknown {
    return updateSchemaOf((this as unknown as RuntimeModel).definition)
  },

  jsonSchema(this: RuntimeModel): Record<string, unknown> {
    return jsonSchemaOf(this.definition)
  },
}
