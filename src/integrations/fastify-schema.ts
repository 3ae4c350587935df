// What fastify asks of zod schemas: checks of requests, texts of answers, and the routes for OpenAPI.
import type { FastifyRequest, FastifySchema, FastifyTypeProvider, RouteOptions } from 'fastify'
import type * as z from 'zod'
import { GooseError } from '../errors.ts'
import { checked, type RequestPart } from './checking.ts'
import { jsonText } from './json-text.ts'
import { problemOf } from './problem.ts'
import type { Method, ResponseNote, Route } from './route.ts'
import { isZod, responseText } from './zod-parts.ts'

/** Gives routes with zod schemas the types of what the schemas make: `app.withTypeProvider<ZodTypeProvider>()`. */
export interface ZodTypeProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.core.$ZodType ? z.output<this['schema']> : unknown
  readonly serializer: this['schema'] extends z.core.$ZodType ? z.input<this['schema']> : unknown
}

/** Turns a schema into what fastify calls with a part of a request; it says null where there is none. */
export function validatorOf(schema: unknown, httpPart: string | undefined, url: string | undefined) {
  const known = zodOnly(schema, url)
  const part = partNamed(httpPart)
  return (data: unknown): Validated => {
    try {
      const made = checked(part, known, data ?? undefined)
      // fastify waits for a promise here, though its types want one with a brand.
      return made instanceof Promise ? (kept(made, data) as never) : { value: made }
    } catch (error) {
      return refused(error)
    }
  }
}

/** Puts what schemas that wait have made in the place of what was sent: fastify takes only a yes or a no of them. */
export function takeMade(request: Parts): void {
  if (!hasWaited) return
  for (const part of ['params', 'query', 'headers', 'body'] as const) {
    const sent = request[part]
    if (isObject(sent) && waited.has(sent)) request[part] = waited.get(sent) as never
  }
}

/** Turns a schema of an answer into what writes it. */
export function serializerOf(schema: unknown, url: string | undefined): (value: unknown) => string {
  return schema === anyAnswer ? anyText : responseText(zodOnly(schema, url))
}

/** Gives a route's schema one for all answers that it does not describe. */
export function withAnyAnswer(schema: FastifySchema | undefined): FastifySchema {
  return { ...schema, response: { default: anyAnswer, ...(schema?.response as object | undefined) } }
}

/** Reads what a fastify route says of itself, for the OpenAPI document. */
export function routesOf(declared: RouteOptions): readonly Route[] {
  const own = (declared.config as { readonly gooseRoute?: Route } | undefined)?.gooseRoute
  const { params, querystring, body, response, summary, hide } = (declared.schema ?? {}) as FastifySchema & {
    readonly summary?: string
    readonly hide?: boolean
  }
  return [declared.method]
    .flat()
    .filter(method => method !== 'HEAD' && method !== 'OPTIONS')
    .map(method => ({
      ...(own ?? { handle: () => undefined, ...(summary ? { summary } : {}), ...(hide ? { unlisted: true } : {}) }),
      ...(own ? {} : notesOf(response)),
      ...(isZod(params) && { params }),
      ...(isZod(querystring) && { query: querystring }),
      ...(isZod(body) && { body }),
      method: method as Method,
      path: declared.url,
    }))
}

type Validated = { readonly value: unknown } | { readonly error: Error }

type Parts = Pick<FastifyRequest, 'params' | 'query' | 'headers' | 'body'>

const waited = new WeakMap<object, unknown>()
let hasWaited = false

async function kept(made: Promise<unknown>, sent: unknown): Promise<true> {
  try {
    const value = await made
    hasWaited = true
    if (isObject(sent)) waited.set(sent, value)
    else if (value !== (sent ?? undefined)) throw new Error('a schema that waits can change objects only')
    return true
  } catch (error) {
    throw refused(error).error
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

// fastify blames the request for any error of a check: one of a schema's own code is the server's fault.
function refused(error: unknown): { readonly error: Error } {
  if (error instanceof GooseError) return { error }
  return { error: Object.assign(new Error('a schema has thrown', { cause: error }), { statusCode: 500 }) }
}

function partNamed(name: string | undefined): RequestPart {
  if (name === 'body') return 'body'
  if (name === 'headers') return 'header'
  return name === 'params' ? 'path' : 'query'
}

function zodOnly(schema: unknown, url: string | undefined): z.core.$ZodType {
  if (isZod(schema)) return schema
  throw new GooseError('NOT_SUPPORTED', {
    what: `a schema of ${url ?? 'a route'} that is not zod's`,
    reason: 'the plugin checks by zod',
    hint: 'write it with z, or give the route a validatorCompiler and a serializerCompiler of its own',
  })
}

/** Stands for the schema of an answer that none describes: it is written as documents are. */
const anyAnswer = Object.freeze({})

// fastify writes an error so when a hook throws while another error is answered.
function anyText(value: unknown): string {
  return value instanceof Error ? JSON.stringify(problemOf(value)) : jsonText(value)
}

function notesOf(response: unknown): { readonly responses?: Readonly<Record<number, ResponseNote>> } {
  if (typeof response !== 'object' || response === null) return {}
  const notes = Object.entries(response).filter(([status, schema]) => /^\d+$/.test(status) && isZod(schema))
  const described = notes.map(([status, schema]) => [status, { description: 'The answer', schema }])
  return described.length > 0 ? { responses: Object.fromEntries(described) } : {}
}
