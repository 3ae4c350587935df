// model(): makes the class that a user extends, with its statics and its methods.
import type { Document as BsonDocument, Collection } from 'mongodb'
import { DocumentNotFound } from '../errors.ts'
import { defineModel, type ModelDefinition, type ModelOptions } from '../models/definition.ts'
import { checkFilter } from '../models/filter.ts'
import type { Filter, IdIn, Input, Shape } from '../models/infer.ts'
import type { MethodsOf, Plugin, StaticsOf, WithFields } from '../models/plugin.ts'
import { Reference } from '../models/ref.ts'
import { adopt, register } from '../models/registry.ts'
import { DocumentBase, type RuntimeModel } from './document.ts'
import { collectionOf } from './execute.ts'
import { insertAll, reload, remove, save } from './lifecycle.ts'
import type { Constructor, ModelStatic } from './model-types.ts'
import { populateAll } from './populate.ts'
import { Query } from './query.ts'

/** Defines a model, as a class to extend.
 *
 * ```ts
 * class User extends model('User', { name: z.string(), email: z.email() }) {}
 * const ada = await User.create({ name: 'Ada', email: 'ada@example.org' })
 * ```
 */
export function model<N extends string, const S extends Shape, const P extends readonly Plugin[] = []>(
  name: N,
  fields: S,
  options?: ModelOptions<P>,
): ModelStatic<N, WithFields<S, P>, MethodsOf<P>> & StaticsOf<P> {
  const definition = defineModel(name, fields, options as ModelOptions)
  const made = class extends Document {
    static override readonly definition: ModelDefinition = definition
    static override readonly modelName = name
  }
  Object.defineProperty(made, 'name', { value: name })
  for (const plugin of definition.plugins) extend(made, plugin)
  register(definition, made)
  return made as never
}

class Document extends DocumentBase {
  static find(this: RuntimeModel, filter: Record<string, unknown> = {}): Query<unknown> {
    adopt(this)
    return new Query<unknown>(this).find(filter as Filter<unknown>)
  }

  static async findOne(this: RuntimeModel & typeof Document, filter: unknown): Promise<unknown> {
    return this.find(isFilter(filter) ? filter : { _id: filter }).first()
  }

  static async get(this: RuntimeModel & typeof Document, id: unknown): Promise<unknown> {
    const found = await this.find({ _id: id }).first()
    if (found) return found
    throw new DocumentNotFound({ model: this.modelName, id: `_id ${String((id as { _id?: unknown })?._id ?? id)}` })
  }

  static async create(this: RuntimeModel, input: unknown): Promise<unknown> {
    const document = new this(input)
    await save(document)
    return document
  }

  static async insertMany(this: RuntimeModel, inputs: readonly unknown[]): Promise<unknown> {
    const documents = inputs.map(input => new this(input))
    await insertAll(documents)
    return documents
  }

  static count(this: RuntimeModel & typeof Document, filter: Record<string, unknown> = {}): Promise<number> {
    return this.find(filter).count()
  }

  static exists(this: RuntimeModel & typeof Document, filter: Record<string, unknown> = {}): Promise<boolean> {
    return this.find(filter).exists()
  }

  static distinct(
    this: RuntimeModel & typeof Document,
    path: string,
    filter: Record<string, unknown> = {},
  ): Promise<unknown> {
    return this.find(filter).distinct(path)
  }

  static collection(this: RuntimeModel): Promise<Collection<BsonDocument>> {
    return collectionOf(this.definition)
  }

  static ref(this: RuntimeModel, id: unknown): Reference {
    const filter = checkFilter(this.definition, { _id: id })
    return new Reference({ target: () => this as never, by: '_id' }, filter._id)
  }

  async save(): Promise<this> {
    await save(this)
    return this
  }

  async delete(): Promise<void> {
    await remove(this)
  }

  async reload(): Promise<this> {
    await reload(this)
    return this
  }

  async populate(path: string, options: { readonly onMissing?: 'throw' | 'null' } = {}): Promise<this> {
    await populateAll(this.constructor as RuntimeModel, [this], [{ path, onMissing: options.onMissing }])
    return this
  }
}

function extend(made: typeof Document, plugin: Plugin): void {
  const parts = [
    [made, plugin.statics],
    [made.prototype, plugin.methods],
  ] as const
  for (const [target, members] of parts) {
    if (members) Object.defineProperties(target, Object.getOwnPropertyDescriptors(members as object))
  }
}

function isFilter(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('_bsontype' in value) &&
    !(value instanceof DocumentBase) &&
    !(value instanceof Reference)
  )
}

export type { Constructor, IdIn, Input }
