// Resources: safe routes for a model, to list, get, create, update, replace and delete its documents.
import * as z from 'zod'
import { DocumentNotFound } from '../errors.ts'
import { objectId } from '../models/marks.ts'
import { createSchema, updateSchema } from './body-schema.ts'
import { type Asked, listSchema, narrowed, pageAsked, populated, populateSchema } from './list-query.ts'
import { type Action, type Allowed, allowedBy, type ResourceOptions } from './resource-options.ts'
import { checkInside } from './resource-scope.ts'
import { checkVersion, versionHeaders } from './resource-version.ts'
import { documentSchema, pageSchema } from './response-schema.ts'
import { type Answer, answer, type ResponseNote, type Route, type RouteRequest } from './route.ts'
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
    handle: async request => {
      const scope = await visible(made.allowed, request)
      return shown(made, await found(made, request, { action: 'get', scope }))
    },
  }
}

function createRoute(made: Resource): Route {
  const { model, shaped, allowed } = made
  const body = createSchema(shaped, allowed as never)
  return {
    method: 'POST',
    path: allowed.path,
    summary: `Creates a ${model.modelName}`,
    body,
    responses: { 201: documentNote(made), ...refusals },
    handle: async request => {
      await allowed.authorize('create', { request })
      const input = { ...(request.body as object), ...(await allowed.onCreate(request)) }
      checkInside(await visible(allowed, request), input, namesOf(body))
      return created(made, await model.create(input), request)
    },
  }
}

function updateRoute(made: Resource): Route {
  return {
    ...onOne(made, 'PATCH', 'Changes fields of one'),
    body: updateSchema(made.shaped, made.allowed as never),
    responses: { 200: documentNote(made), 404: missing, ...overtaken, ...refusals },
    handle: async request => {
      const given = request.body as Readonly<Record<string, unknown>>
      const scope = await visible(made.allowed, request)
      const document = await found(made, request, { action: 'update', scope })
      checkInside(scope, given, Object.keys(given))
      Object.assign(document, given)
      await document.save()
      return written(made, document)
    },
  }
}

function replaceRoute(made: Resource): Route {
  const { shaped, allowed } = made
  const whole = createSchema(shaped, allowed as never) as unknown as z.ZodObject
  const body = '_id' in whole.shape ? whole.omit({ _id: true }) : whole
  const names = namesOf(body)
  return {
    ...onOne(made, 'PUT', 'Replaces what a client may set of one'),
    body,
    responses: { 200: documentNote(made), 404: missing, ...overtaken, ...refusals },
    handle: async request => {
      const given = request.body as Readonly<Record<string, unknown>>
      const scope = await visible(allowed, request)
      const document = await found(made, request, { action: 'replace', scope })
      checkInside(scope, given, names)
      for (const name of names) document[name] = given[name]
      await document.save()
      return written(made, document)
    },
  }
}

function deleteRoute(made: Resource): Route {
  return {
    ...onOne(made, 'DELETE', 'Deletes one'),
    responses: { 204: { description: 'Deleted' }, 404: missing, ...overtaken },
    handle: async request => {
      const scope = await visible(made.allowed, request)
      await (await found(made, request, { action: 'delete', scope })).delete()
    },
  }
}

function shown({ model }: Resource, document: AnyDocument): Answer {
  return answer(200, document, versionHeaders(model.definition, document))
}

// What was written is shown as it would be read.
async function written(made: Resource, document: AnyDocument): Promise<Answer> {
  const { alwaysPopulate, populate } = made.allowed
  for (const path of alwaysPopulate) await document.populate(path, { onMissing: 'null', ...populate.get(path) })
  return shown(made, document)
}

async function created(made: Resource, document: AnyDocument, request: RouteRequest): Promise<Answer> {
  const { body, headers } = await written(made, document)
  const location = `${pathOf(request.url)}/${encodeURIComponent(String(document._id))}`
  return answer(201, body, { location, ...headers })
}

function namesOf(body: unknown): readonly string[] {
  return Object.keys((body as z.ZodObject).shape)
}

function onOne({ model, allowed, id }: Resource, method: Route['method'], summary: string) {
  return { method, path: `${allowed.path}/:id`, summary: `${summary} ${model.modelName}`, params: id }
}

const missing: ResponseNote = { description: 'There is none with this id' }
const overtaken: Readonly<Record<number, ResponseNote>> = {
  412: { description: 'It is not at the version that If-Match names' },
}
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

interface Wanted {
  readonly action: Action
  readonly scope: object
}

async function found(made: Resource, request: RouteRequest, { action, scope }: Wanted): Promise<AnyDocument> {
  const { model, allowed } = made
  const { id } = request.params as { readonly id: unknown }
  const asked = (request.query as { readonly populate?: readonly string[] } | undefined)?.populate
  const query = model.find(scope).find({ _id: id } as never)
  const document = (await (action === 'get' ? populated(query, asked, allowed) : query).first()) as AnyDocument | null
  if (!document) throw new DocumentNotFound({ model: model.modelName, id: `_id ${String(id)}` })
  await allowed.authorize(action, { request, document })
  if (action !== 'get') checkVersion(model.definition, document, request)
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
