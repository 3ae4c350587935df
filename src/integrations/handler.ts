// A web handler: from Request to Response, as node:http, Hono, Next and other servers take it.
import { auditContext } from '../runtime/context.ts'
import { BODY_LIMIT, queryOf, readBody } from './body.ts'
import { checked } from './checking.ts'
import { type DatabaseOptions, type ServerDatabase, serverDatabase } from './database.ts'
import { jsonText } from './json-text.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { actorOf, requestIdOf, type UserAnswer } from './request-context.ts'
import { answerOf, flat, type Route, type RouteRequest, sentOf, under } from './route.ts'
import { allowedBy, type Router, routerOf } from './router.ts'
import { type ServerRouteOptions, serverRoutes } from './server-routes.ts'

/** What a server knows of a connection beside the request. */
export interface ConnectionInfo {
  /** Where the client is, as the server sees it. */
  readonly ipAddress?: string | undefined
}

/** The options of a web handler. */
export interface HandlerOptions extends ServerRouteOptions {
  /** Routes, and lists of them as `resource` gives. */
  readonly routes: readonly (Route | readonly Route[])[]
  /** The database; if left out, an open connection or the default one. */
  readonly database?: DatabaseOptions
  /** Says who asks, by what the application trusts; may throw an error with a status, such as 401. */
  readonly user?: (request: Request) => UserAnswer | Promise<UserAnswer>
  /** The largest body that is taken, in bytes: 1 MiB if left out. */
  readonly bodyLimit?: number
  /** Hears of errors that are the server's own; they go to stderr if left out. */
  readonly onError?: (error: unknown, request: Request) => void
}

/** Answers requests; connects by the first of them, or by `open`. */
export interface Handler {
  (request: Request, connection?: ConnectionInfo): Promise<Response>
  open(): Promise<void>
  /** Closes the connection that it has opened. */
  close(): Promise<void>
}

/** Makes a handler from Request to Response.
 *
 * ```ts
 * const handler = httpHandler({ routes: [resource(Post, { populate: ['author'] })] })
 * const response = await handler(new Request('http://localhost/posts?populate=author&size=1'))
 * const { items } = await response.json() as { items: { author: { name: string } }[] }
 * console.assert(response.status === 200 && items[0]?.author.name === 'Ada Lovelace')
 * ```
 */
export function httpHandler(options: HandlerOptions): Handler {
  const database = serverDatabase(options.database ?? {})
  const served = [...flat(options.routes), ...serverRoutes(options, { database, all: () => routes })]
  const routes = under(options.prefix ?? '', served)
  const server: Server = { options, database, router: routerOf(routes) }
  const handle = (request: Request, connection: ConnectionInfo = {}) => respond(server, request, connection)
  return Object.assign(handle, { open: () => database.open(), close: () => database.close() })
}

interface Server {
  readonly options: HandlerOptions
  readonly database: ServerDatabase
  readonly router: Router
}

async function respond(server: Server, request: Request, connection: ConnectionInfo): Promise<Response> {
  const requestId = requestIdOf(request.headers.get('x-request-id'))
  const url = new URL(request.url)
  try {
    const { route, params } = server.router(request.method, url.pathname)
    await server.database.open()
    const actor = actorOf(await server.options.user?.(request), { requestId, ipAddress: connection.ipAddress })
    const asked: RouteRequest = {
      ...(await partsOf(route, { request, url, params, most: server.options.bodyLimit ?? BODY_LIMIT })),
      url: `${url.pathname}${url.search}`,
      header: name => request.headers.get(name) ?? undefined,
      actor,
    }
    return responseOf(await auditContext.run(actor, () => route.handle(asked)), { requestId, method: request.method })
  } catch (error) {
    return refusal(error, { server, request, requestId, path: url.pathname })
  }
}

interface Raw {
  readonly request: Request
  readonly url: URL
  readonly params: Readonly<Record<string, string>>
  readonly most: number
}

async function partsOf(route: Route, { request, url, params, most }: Raw) {
  const query = queryOf(url.searchParams)
  const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await readBody(request, most)
  return {
    params: route.params ? await checked('path', route.params, params) : params,
    query: route.query ? await checked('query', route.query, query) : query,
    body: route.body ? await checked('body', route.body, body) : body,
  }
}

function responseOf(given: unknown, about: { readonly requestId: string; readonly method: string }): Response {
  const answer = answerOf(given)
  const sent = sentOf(answer)
  const headers = new Headers(answer.headers)
  headers.set('x-request-id', about.requestId)
  if (sent.kind === 'nothing') return new Response(null, { status: answer.status, headers })
  headers.set('content-type', sent.type)
  const body = sent.kind === 'raw' ? sent.body : jsonText(sent.body)
  return new Response(about.method === 'HEAD' ? null : (body as ConstructorParameters<typeof Response>[0]), {
    status: answer.status,
    headers,
  })
}

interface Occasion {
  readonly server: Server
  readonly request: Request
  readonly requestId: string
  readonly path: string
}

function refusal(error: unknown, { server, request, requestId, path }: Occasion): Response {
  const headers = new Headers({ 'x-request-id': requestId })
  const allowed = allowedBy(error)
  if (allowed !== undefined) headers.set('allow', allowed)
  if (allowed !== undefined && request.method === 'OPTIONS') return new Response(null, { status: 204, headers })
  const problem = problemOf(error, { instance: path, requestId })
  if (problem.status >= 500) (server.options.onError ?? logged)(error, request)
  headers.set('content-type', PROBLEM_TYPE)
  const body = request.method === 'HEAD' ? null : JSON.stringify(problem)
  return new Response(body, { status: problem.status, headers })
}

function logged(error: unknown): void {
  console.error(error)
}
