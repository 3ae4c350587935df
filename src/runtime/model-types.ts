// The types of a model's class side and of its documents.
import type { Document as BsonDocument, Collection } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { HookEvent } from '../models/hooks.ts'
import type {
  Fields,
  Filter,
  IdIn,
  Input,
  Key,
  LoadedDocument,
  LoadedPart,
  Path,
  Ref,
  Shape,
  Shaped,
} from '../models/infer.ts'
import type { PopulateOptions } from '../models/plan.ts'
import type { DeletedMode } from '../models/plugin.ts'
import type { VariantOptions } from '../models/variant.ts'
import type { ArchivePlace } from './archive-class.ts'
import type { BulkOperation, BulkOutcome, BulkWriteOptions } from './bulk-types.ts'
import type { Finding } from './findings.ts'
import type { SaveOptions } from './lifecycle.ts'
import type { DistinctOf, Query } from './query.ts'
import type { SchemaStatics } from './schema-statics.ts'
import type { BulkOptions, UpdateOutcome } from './update.ts'
import type { UpdateDocument } from './update-types.ts'
import type { Change } from './watch.ts'

/** Any class, however it is constructed. */
export type Constructor = abstract new (...input: never) => unknown

/** What every document has beside its fields. */
export interface DocumentMethods<S extends Shape> extends Shaped<S> {
  readonly _id: IdIn<S>
  /** Tells whether it was never stored. */
  readonly isNew: boolean
  /** Writes what is new or changed; does nothing when nothing is. Throws `ValidationFailed`, `DuplicateKey`, `DocumentNotFound`. */
  save(options?: SaveOptions): Promise<this>
  /** Deletes it; with softDelete, marks it. Throws `DocumentNotFound` when it is gone. */
  delete(): Promise<void>
  /** Updates it on the server, then reads what it has become; edits that were not saved stay. */
  update(update: UpdateDocument): Promise<this>
  /** Reads it again, dropping changes in memory. Throws `DocumentNotFound` when it is gone. */
  reload(): Promise<this>
  /** Tells whether a path, or any, differs from what is stored. */
  isDirty(path?: string): boolean
  /** Gives every changed path with both values. */
  changes(): Record<string, { readonly from: unknown; readonly to: unknown }>
  /** Compares by model and id. */
  equals(other: unknown): boolean
  toObject(): Record<string, unknown>
  toJSON(): Record<string, unknown>
  toBSON(): unknown
  /** Gives itself, so that a document can stand wherever a reference does. */
  load(): Promise<this>
  /** Loads a reference into this document. */
  populate<const N extends string>(
    path: Path<S, N>,
    options?: PopulateOptions & { readonly onMissing?: 'throw' },
  ): Promise<LoadedPart<S, N> & this>
  populate<const N extends string>(
    path: Path<S, N>,
    options: PopulateOptions & { readonly onMissing: 'null' },
  ): Promise<LoadedDocument<this, `${N}?`>>
  preValidate?(event: HookEvent): void | Promise<void>
  preSave?(event: HookEvent): void | Promise<void>
  postSave?(event: HookEvent): void | Promise<void>
  preDelete?(event: HookEvent): void | Promise<void>
  postDelete?(event: HookEvent): void | Promise<void>
  postUpdate?(event: HookEvent): void | Promise<void>
}

/** An id as it may be given: as such, as text, as a reference or a document. */
export type IdLike = Key

/** The class side of a model. */
export interface ModelStatic<N extends string, S extends Shape, M = unknown>
  extends SchemaStatics<S>,
    VariantStatics<S> {
  new (input: Input<S>): DocumentMethods<S> & Fields<S> & M
  readonly modelName: N
  readonly definition: ModelDefinition
  /** Validates, applies defaults, runs hooks and inserts. */
  create<C extends Constructor>(this: C, input: Input<S>): Promise<InstanceType<C>>
  /** Inserts many with one command; hooks run for each. */
  insertMany<C extends Constructor>(this: C, inputs: readonly Input<S>[]): Promise<InstanceType<C>[]>
  /** Gets one by id. Throws `DocumentNotFound`. */
  get<C extends Constructor>(this: C, id: IdLike): Promise<InstanceType<C>>
  /** Finds one by filter or id, or gives null. */
  findOne<C extends Constructor>(this: C, filter: Filter<InstanceType<C>> | IdLike): Promise<InstanceType<C> | null>
  /** Finds documents, as an immutable query that asks nothing yet. */
  find<C extends Constructor>(this: C, filter?: Filter<InstanceType<C>>): Query<InstanceType<C>>
  count<C extends Constructor>(this: C, filter?: Filter<InstanceType<C>>): Promise<number>
  exists<C extends Constructor>(this: C, filter?: Filter<InstanceType<C>>): Promise<boolean>
  distinct<C extends Constructor, const K extends string>(
    this: C,
    path: K,
    filter?: Filter<InstanceType<C>>,
  ): Promise<DistinctOf<InstanceType<C>, K>[]>
  /** Finds what is marked as deleted. Throws where the model has no softDelete. */
  findDeleted<C extends Constructor>(this: C, filter?: Filter<InstanceType<C>>): Query<InstanceType<C>>
  /** Finds what was archived. Its documents are of this class, and are changed and deleted in the archive.
   *
   * ```ts
   * const old = await Post.archived().find({ title: 'First post' }).first()
   * ```
   */
  archived<C extends Constructor>(this: C, place?: ArchivePlace): Query<InstanceType<C>>
  /** Finds in the collection and in the archive beside it, for reading: what lies in the archive cannot be saved. */
  withArchive<C extends Constructor>(this: C, place?: Pick<ArchivePlace, 'collection'>): Query<InstanceType<C>>
  /** Updates what the filter finds with one command. Throws `EmptyFilterRefused` without a filter, unless `{ all: true }`. */
  updateMany<C extends Constructor>(
    this: C,
    filter: Filter<InstanceType<C>>,
    update: UpdateDocument,
    options?: BulkOptions,
  ): Promise<UpdateOutcome>
  /** Deletes what the filter finds. Throws `EmptyFilterRefused` without a filter, unless `{ all: true }`. */
  deleteMany<C extends Constructor>(
    this: C,
    filter: Filter<InstanceType<C>>,
    options?: BulkOptions,
  ): Promise<{ readonly deletedCount: number }>
  /** Runs different writes in their order; each is checked and scoped like alone, and no filter may be empty.
   *
   * ```ts
   * const done = await User.bulkWrite([
   *   { insertOne: { document: { name: 'Grace', email: 'grace@example.org' } } },
   *   { updateMany: { filter: { role: 'author' }, update: { $set: { role: 'admin' } } } },
   * ])
   * console.assert(done.insertedCount === 1)
   * ```
   */
  bulkWrite<C extends Constructor>(
    this: C,
    operations: readonly BulkOperation<InstanceType<C>, S>[],
    options?: BulkWriteOptions,
  ): Promise<BulkOutcome>
  /** Counts what refers to each of the documents by a field of `many()`, with one command.
   *
   * ```ts
   * class Article extends model('Article', { remarks: many(() => Remark, 'article') }) {}
   * class Remark extends model('Remark', { article: ref(() => Article) }) {}
   * const [remarks] = await Article.counts([await Article.create({})], 'remarks')
   * console.assert(remarks === 0)
   * ```
   */
  counts<C extends Constructor>(
    this: C,
    documents: readonly InstanceType<C>[],
    path: keyof S & string,
  ): Promise<readonly number[]>
  /** Runs a pipeline on the server; the scopes of the model come first, also inside its joins. */
  aggregate<R = BsonDocument>(
    pipeline: readonly BsonDocument[],
    options?: { readonly deleted?: DeletedMode },
  ): Promise<R[]>
  /** Validates stored documents against the fields, and gives those that do not fit; changes nothing. */
  validate<C extends Constructor>(this: C, filter?: Filter<InstanceType<C>>): Promise<readonly Finding[]>
  /** Tells of changes as they happen, with documents of this class; needs a replica set of MongoDB. */
  watch<C extends Constructor>(
    this: C,
    pipeline?: readonly BsonDocument[],
  ): Promise<AsyncIterable<Change<InstanceType<C>>>>
  /** Gives the driver's own collection: the way round scopes, hooks and audit. */
  collection(): Promise<Collection<BsonDocument>>
  /** Makes a reference of an id. */
  ref<C extends Constructor>(this: C, id: IdLike): Ref<() => C>
}

/** The class of a variant: its model's members and its own fields. */
export type VariantStatic<C extends Constructor, Whole extends Shape> = {
  new (input: Input<Whole>): InstanceType<C> & DocumentMethods<Whole> & Fields<Whole>
} & Pick<ModelStatic<string, Whole>, keyof ModelStatic<string, Whole>> &
  Omit<C, keyof ModelStatic<string, Whole> | 'prototype'>

/** The static that makes a variant. */
export interface VariantStatics<S extends Shape> {
  /** Makes a class for a variant of this model, in the same collection: the fields of both.
   *
   * ```ts
   * class Vehicle extends model('Vehicle', { wheels: z.number() }) {}
   * class Truck extends Vehicle.variant('truck', { tons: z.number() }) {}
   * await Truck.create({ wheels: 6, tons: 12 })
   * console.assert((await Vehicle.find().first()) instanceof Truck)
   * ```
   */
  variant<C extends Constructor, const Own extends Shape>(
    this: C,
    name: string,
    fields: Own,
    options?: VariantOptions,
  ): VariantStatic<C, S & Own>
}
