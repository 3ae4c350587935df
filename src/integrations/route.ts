// Routes as data: method, path, schemas and a function, for any server.
import type * as z from 'zod'
import type { Actor } from '../runtime/context.ts'

/** The methods that routes may have. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a route is called with, checked by its schemas. */
export interface RouteRequest<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** The path and the query, as they were asked. */
  readonly url: string
  /** Gives a header, or undefined. */
  header(name: string): string | undefined
  /** Who asks: what the application's `user` hook says, never what a client claims. */
  readonly actor: Actor
}

/** What a response may be, for the OpenAPI document. */
export interface ResponseNote {
  readonly description: string
  readonly schema?: z.core.$ZodType
}

/** A route as data. */
export interface Route {
  readonly method: Method
  /** The path, with parameters as in `/posts/:id`. */
  readonly path: string
  readonly summary?: string
  /** Groups routes in the OpenAPI document. */
  readonly tag?: string
  readonly params?: z.core.$ZodType
  readonly query?: z.core.$ZodType
  readonly body?: z.core.$ZodType
  readonly responses?: Readonly<Record<number, ResponseNote>>
  /** Leaves it out of the OpenAPI document. */
  readonly unlisted?: boolean
  handle(request: RouteRequest): unknown
}

type Output<Z> = Z extends z.core.$ZodType ? z.output<Z> : unknown

/** Makes a route; what its function gives is sent as JSON, and nothing as 204.
 *
 * ```ts
 * const publish = route({
 *   method: 'POST', path: '/posts/:id/publish', params: objectIdParam(),
 *   handle: async ({ params }) => (await Post.get(params.id)).update({ $set: { published: true } }),
 * })
 * ```
 */
export function route<
  P extends z.core.$ZodType | undefined = undefined,
  Q extends z.core.$ZodType | undefined = undefined,
  B extends z.core.$ZodType | undefined = undefined,
>(
  made: Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
    readonly params?: P
    readonly query?: Q
    readonly body?: B
    handle(request: RouteRequest<Output<P>, Output<Q>, Output<B>>): unknown
  },
): Route {
  return made as Route
}

/** An answer with a status and headers of its own. */
export class Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** Makes an answer with a status, for routes that are not simply 200. Bytes and streams are sent as they are. */
export function answer(status: number, body?: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return new Answer(status, body, headers)
}

/** Gives the answer of what a route's function gave. */
export function answerOf(given: unknown): Answer {
  if (given instanceof Answer) return given
  return given === undefined ? new Answer(204) : new Answer(200, given)
}

/** What is sent of an answer: bytes and streams as they are, text that has a type too, and all else as JSON. */
export type Sent =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'raw'; readonly body: string | Uint8Array | ReadableStream; readonly type: string }
  | { readonly kind: 'json'; readonly body: unknown; readonly type: string }

/** Tells how the body of an answer is sent. */
export function sentOf({ body, headers }: Answer): Sent {
  if (body === undefined) return { kind: 'nothing' }
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (body instanceof Uint8Array || body instanceof ReadableStream)
    return { kind: 'raw', body, type: type ?? 'application/octet-stream' }
  if (typeof body === 'string' && type !== undefined) return { kind: 'raw', body, type }
  return { kind: 'json', body, type: type ?? 'application/json; charset=utf-8' }
}

/** Puts a path before those of routes. */
export function under(prefix: string, routes: readonly Route[]): readonly Route[] {
  const start = prefix.replace(/\/+$/, '')
  return start === '' ? routes : routes.map(each => ({ ...each, path: `${start}${each.path}` }))
}

/** Gives all routes of lists of them, in their order. */
export function flat(routes: readonly (Route | readonly Route[])[]): readonly Route[] {
  return routes.flat() as readonly Route[]
}
