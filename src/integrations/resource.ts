// Resources: safe routes for a model, to list, get, create, update, replace and delete its documents.
import * as z from 'zod'
import { DocumentNotFound } from '../errors.ts'
import { objectId } from '../models/marks.ts'
import { createSchema, updateSchema } from './body-schema.ts'
import { type Asked, listSchema, narrowed, pageAsked, populated, populateSchema } from './list-query.ts'
import { type Action, type Allowed, allowedBy, type ResourceOptions } from './resource-options.ts'
import { documentSchema, pageSchema } from './response-schema.ts'
import { answer, type ResponseNote, type Route, type RouteRequest } from './route.ts'
import { type AnyDocument, type AnyModel, anyModel, type ShapedModel } from './shaped-model.ts'

interface Resource {
  readonly model: AnyModel
  readonly shaped: ShapedModel
  readonly allowed: Allowed
  readonly id: z.ZodType
}

/** Makes routes for a model; they allow what is named, and refuse all else.
 *
 * ```ts
 * const posts = resource(Post, {
 *   filter: ['author', 'tags', 'createdAt'], sort: ['createdAt', 'views'], defaultSort: '-createdAt',
 *   populate: ['author'], serverSet: ['views'],
 * })
 * ```
 */
export function resource<M extends ShapedModel>(model: M, options: ResourceOptions<M> = {}): readonly Route[] {
  const made: Resource = {
    model: anyModel(model),
    shaped: model,
    allowed: allowedBy(model, options),
    id: z.object({ id: idSchema(model) }),
  }
  const routes: readonly (readonly [Action, Route])[] = [
    ['list', listRoute(made)],
    ['create', createRoute(made)],
    ['get', getRoute(made)],
    ['update', updateRoute(made)],
    ['replace', replaceRoute(made)],
    ['delete', deleteRoute(made)],
  ]
  return routes
    .filter(([action]) => made.allowed.actions.has(action))
    .map(([, route]) => ({ ...route, tag: model.modelName }))
}

function listRoute({ model, shaped, allowed }: Resource): Route {
  return {
    method: 'GET',
    path: allowed.path,
    summary: `Lists ${model.modelName} documents, page by page`,
    query: listSchema(model.definition, allowed),
    responses: { 200: { description: 'A page', schema: pageSchema(shaped) } },
    handle: async request => {
      await allowed.authorize('list', { request })
      const asked = request.query as Asked
      return pageAsked(narrowed(model.find(await visible(allowed, request)), asked, allowed), asked)
    },
  }
}

function getRoute(made: Resource): Route {
  return {
    ...onOne(made, 'GET', 'Gets one'),
    query: z.strictObject(populateSchema(made.allowed)),
    responses: { 200: documentNote(made), 404: missing },
    handle: request => found(made, request, 'get'),
  }
}

function createRoute(made: Resource): Route {
  const { model, shaped, allowed } = made
  return {
    method: 'POST',
    path: allowed.path,
    summary: `Creates a ${model.modelName}`,
    body: createSchema(shaped, allowed as never),
    responses: { 201: documentNote(made), ...refusals },
    handle: async request => {
      await allowed.authorize('create', { request })
      const document = await model.create({ ...(request.body as object), ...(await allowed.onCreate(request)) })
      return answer(201, document, { location: `${pathOf(request.url)}/${String(document._id)}` })
    },
  }
}

function updateRoute(made: Resource): Route {
  return {
    ...onOne(made, 'PATCH', 'Changes fields of one'),
    body: updateSchema(made.shaped, made.allowed as never),
    responses: { 200: documentNote(made), 404: missing, ...refusals },
    handle: async request => {
      const document = await found(made, request, 'update')
      Object.assign(document, request.body)
      await document.save()
      return document
    },
  }
}

function replaceRoute(made: Resource): Route {
  const body = createSchema(made.shaped, made.allowed as never)
  const names = Object.keys((body as unknown as z.ZodObject).shape)
  return {
    ...onOne(made, 'PUT', 'Replaces what a client may set of one'),
    body,
    responses: { 200: documentNote(made), 404: missing, ...refusals },
    handle: async request => {
      const document = await found(made, request, 'replace')
      const given = request.body as Readonly<Record<string, unknown>>
      for (const name of names) document[name] = given[name]
      await document.save()
      return document
    },
  }
}

function deleteRoute(made: Resource): Route {
  return {
    ...onOne(made, 'DELETE', 'Deletes one'),
    responses: { 204: { description: 'Deleted' }, 404: missing },
    handle: async request => {
      await (await found(made, request, 'delete')).delete()
    },
  }
}

function onOne({ model, allowed, id }: Resource, method: Route['method'], summary: string) {
  return { method, path: `${allowed.path}/:id`, summary: `${summary} ${model.modelName}`, params: id }
}

const missing: ResponseNote = { description: 'There is none with this id' }
const refusals: Readonly<Record<number, ResponseNote>> = {
  409: { description: 'Another document has the same unique value, or it was changed meanwhile' },
  422: { description: 'The body does not fit; issues name what and where' },
}

function documentNote({ shaped }: Resource): ResponseNote {
  return { description: 'The document', schema: documentSchema(shaped) }
}

async function visible({ only }: Allowed, request: RouteRequest): Promise<object> {
  return only ? only(request) : {}
}

async function found({ model, allowed }: Resource, request: RouteRequest, action: Action): Promise<AnyDocument> {
  const { id } = request.params as { readonly id: unknown }
  const asked = (request.query as { readonly populate?: readonly string[] } | undefined)?.populate
  const query = model.find(await visible(allowed, request)).find({ _id: id } as never)
  const document = (await (action === 'get' ? populated(query, asked, allowed) : query).first()) as AnyDocument | null
  if (!document) throw new DocumentNotFound({ model: model.modelName, id: `_id ${String(id)}` })
  await allowed.authorize(action, { request, document })
  return document
}

// Paths are text: an id that is a number is read from it.
function idSchema({ definition }: ShapedModel): z.ZodType {
  const declared = definition.fieldByName.get('_id')
  if (!declared) return objectId()
  return (declared.kind === 'number' ? z.coerce.number().pipe(declared.schema as never) : declared.schema) as z.ZodType
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]!.replace(/\/$/, '')
}
