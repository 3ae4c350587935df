// What a resource lets clients do: checked against the model when the program starts.
import { GooseError, UnknownPath } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import type { Filter, Input } from '../models/infer.ts'
import { suggestion } from '../models/nearest.ts'
import { findPath, isHiddenAt, pathNames } from '../models/path.ts'
import type { PopulateOptions } from '../models/plan.ts'
import type { PageSizes } from './page-query.ts'
import type { RouteRequest } from './route.ts'
import { type AnyDocument, anyModel, type ShapedModel, type ShapeOfModel } from './shaped-model.ts'

/** What can be done with a resource. */
export type Action = 'list' | 'get' | 'create' | 'update' | 'replace' | 'delete'

type Name<M extends ShapedModel> = keyof ShapeOfModel<M> & string
type PathOf<M extends ShapedModel> = Name<M> | '_id' | `${Name<M>}.${string}`

type SetByServer<M extends ShapedModel> = Partial<Input<ShapeOfModel<M>>>

/** What a resource allows. What is not named here is refused. */
export interface ResourceOptions<M extends ShapedModel> {
  /** Where it lies; the name of the collection if left out: `/posts`. */
  readonly path?: string
  /** All if left out. */
  readonly actions?: readonly Action[]
  /** Paths that lists may be narrowed by: `?author=…`, `?views[gte]=10`. */
  readonly filter?: readonly PathOf<M>[]
  /** Paths that lists may be sorted by: `?sort=-createdAt`. */
  readonly sort?: readonly PathOf<M>[]
  /** The sort where none is asked. */
  readonly defaultSort?: string
  /** References that may be asked for: `?populate=author`; with options, such as `{ author: { select: ['name'] } }`. */
  readonly populate?: readonly PathOf<M>[] | Readonly<Record<string, PopulateOptions>>
  /** References that always are loaded. */
  readonly alwaysPopulate?: readonly PathOf<M>[]
  /** Fields that only the server sets. */
  readonly serverSet?: readonly Name<M>[]
  /** Gives what the server sets when a document is created, such as its author. */
  readonly onCreate?: (request: RouteRequest) => SetByServer<M> | Promise<SetByServer<M>>
  readonly sizes?: PageSizes
  /** Narrows what a request can see at all; the rest is not found. */
  readonly only?: (request: RouteRequest) => Filter<InstanceType<M>> | Promise<Filter<InstanceType<M>>>
  /** Throws when the request may not do it; called with the document where there is one. */
  readonly authorize?: (
    action: Action,
    occasion: { readonly request: RouteRequest; readonly document?: InstanceType<M> },
  ) => unknown
}

/** Options that were checked. */
export interface Allowed {
  readonly path: string
  readonly actions: ReadonlySet<Action>
  readonly filter: readonly string[]
  readonly sort: readonly string[]
  readonly defaultSort: string | undefined
  readonly populate: ReadonlyMap<string, PopulateOptions>
  readonly alwaysPopulate: readonly string[]
  readonly serverSet: readonly string[]
  readonly onCreate: (request: RouteRequest) => object | Promise<object>
  readonly sizes: PageSizes
  readonly only: ((request: RouteRequest) => object | Promise<object>) | undefined
  readonly authorize: (
    action: Action,
    occasion: { readonly request: RouteRequest; readonly document?: AnyDocument },
  ) => unknown
}

const everything: readonly Action[] = ['list', 'get', 'create', 'update', 'replace', 'delete']

/** Checks options. Throws `UnknownPath`, and `MODEL_INVALID` for a filter that would tell secrets. */
export function allowedBy<M extends ShapedModel>(model: M, options: ResourceOptions<M>): Allowed {
  const { definition } = model
  for (const path of [...(options.filter ?? []), ...(options.sort ?? [])]) checkPath(definition, path)
  const populate = populateOf(options.populate)
  const query = anyModel(model).find()
  for (const path of [...populate.keys(), ...(options.alwaysPopulate ?? [])]) query.populate(path as never)
  return {
    path: options.path ?? `/${definition.collection}`,
    actions: new Set(options.actions ?? everything),
    filter: options.filter ?? [],
    sort: options.sort ?? [],
    defaultSort: options.defaultSort,
    populate,
    alwaysPopulate: options.alwaysPopulate ?? [],
    serverSet: options.serverSet ?? [],
    onCreate: options.onCreate ?? (() => ({})),
    sizes: options.sizes ?? {},
    only: options.only,
    authorize: (options.authorize as Allowed['authorize'] | undefined) ?? (() => undefined),
  }
}

/** Gives the field that a filter or a sort goes by; `_id` may have none. */
export function fieldFor(definition: ModelDefinition, path: string): Field | undefined {
  const { field } = findPath(definition, path)
  return field?.element ?? field
}

function populateOf(given: ResourceOptions<never>['populate'] = []): ReadonlyMap<string, PopulateOptions> {
  if (Array.isArray(given)) return new Map((given as readonly string[]).map(path => [path, {}]))
  return new Map(Object.entries(given as Readonly<Record<string, PopulateOptions>>))
}

// Who may filter or sort by a secret field can guess it letter by letter.
function checkPath(definition: ModelDefinition, path: string): void {
  if (!findPath(definition, path).known)
    throw new UnknownPath({ model: definition.name, path, nearest: suggestion(path, pathNames(definition)) })
  if (isHiddenAt(definition, path) || fieldFor(definition, path)?.marks.transient)
    throw new GooseError('MODEL_INVALID', {
      model: definition.name,
      reason: `"${path}" is secret, encrypted or not stored, and a resource would tell it by filter or sort`,
      hint: 'leave it out',
    })
}
