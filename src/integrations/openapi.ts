// The OpenAPI 3.1 document of routes, from the same schemas that check them.
import type * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import { type JsonSchema, jsonSchema } from '../models/json-schema.ts'
import { documentComponent } from './openapi-model.ts'
import { modelBehind } from './response-schema.ts'
import type { ResponseNote, Route } from './route.ts'

/** What an OpenAPI document says of itself. */
export interface OpenApiInfo {
  readonly title?: string
  readonly version?: string
  readonly description?: string
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** Makes the OpenAPI document of routes.
 *
 * ```ts
 * const document = openApi(resource(User), { title: 'People', version: '1.0.0' })
 * console.assert(document.paths['/users/{id}']?.get !== undefined)
 * ```
 */
export function openApi(routes: readonly Route[], info: OpenApiInfo = {}): OpenApiDocument {
  const models = new Map<string, ModelDefinition>()
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const route of routes) {
    if (route.unlisted || !describable.has(route.method)) continue
    const path = templateOf(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, models) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'API', version: '0.0.0', ...info },
    paths,
    components: { schemas: { Problem: problemSchema, ...componentsOf(models) } },
  }
}

/** The methods of OpenAPI 3.1 that the routes of a server may have: fastify knows others. */
const describable: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

// fastify's paths may hold patterns, `:id(^\\d+$)`, optional ends and a rest, which OpenAPI has no words for.
function templateOf(path: string): string {
  const plain = path.replace(/:(\w+)(\([^/]*\))?\??/g, '{$1}').replace(/\*/g, '{rest}')
  return plain || '/'
}

function operationOf(route: Route, models: Map<string, ModelDefinition>): JsonSchema {
  const parameters = [
    ...parametersIn('path', route.params, templateOf(route.path)),
    ...(route.query ? parametersIn('query', route.query) : []),
  ]
  const responses = { ...route.responses, ...(route.responses ? {} : { 200: { description: 'The answer' } }) }
  const described = Object.entries(responses).map(([status, note]) => [
    status,
    responseOf(note, Number(status), models),
  ])
  return {
    ...(route.summary ? { summary: route.summary } : {}),
    ...(route.tag ? { tags: [route.tag] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: json(jsonSchema(route.body, 'input')) } } : {}),
    responses: {
      ...Object.fromEntries(described),
      default: { description: 'A problem', content: problem },
    },
  }
}

function parametersIn(place: 'path' | 'query', schema: z.core.$ZodType | undefined, path = ''): JsonSchema[] {
  const made = schema ? jsonSchema(schema, 'input') : {}
  const properties = (made.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = new Set((made.required ?? []) as readonly string[])
  const names = new Set([...Object.keys(properties), ...[...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]!)])
  return [...names].map(name => ({
    name,
    in: place,
    required: place === 'path' || required.has(name),
    schema: properties[name] ?? { type: 'string' },
  }))
}

function responseOf(note: ResponseNote, status: number, models: Map<string, ModelDefinition>): JsonSchema {
  const { description, schema } = note
  if (!schema) return status >= 400 ? { description, content: problem } : { description }
  const special = (inner: z.core.$ZodType) => {
    const definition = modelBehind(inner)
    if (!definition) return undefined
    models.set(definition.name, definition)
    return referenceTo(definition.name)
  }
  return { description, content: json(jsonSchema(schema, 'output', special)) }
}

// A model may hold references to others, which then have components as well.
function componentsOf(models: Map<string, ModelDefinition>): Record<string, JsonSchema> {
  const known = (name: string) => (models.has(name) ? referenceTo(name) : undefined)
  return Object.fromEntries([...models].map(([name, definition]) => [name, documentComponent(definition, known)]))
}

function referenceTo(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

function json(schema: JsonSchema): JsonSchema {
  return { 'application/json': { schema } }
}

const problem: JsonSchema = { 'application/problem+json': { schema: referenceTo('Problem') } }

const text: JsonSchema = { type: 'string' }
const problemSchema: JsonSchema = {
  type: 'object',
  description: 'A problem document (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    code: text,
    instance: text,
    requestId: text,
    issues: {
      type: 'array',
      items: { type: 'object', required: ['path', 'message'], properties: { path: text, message: text } },
    },
  },
}
