// The fastify plugin: connection, problems, zod schemas, request context and routes of goose on a fastify server.
import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  FastifyTypeProvider,
  RouteOptions,
} from 'fastify'
import type * as z from 'zod'
import { GooseError } from '../errors.ts'
import { auditContext } from '../runtime/context.ts'
import { checked, type RequestPart } from './checking.ts'
import { type DatabaseOptions, serverDatabase } from './database.ts'
import { jsonText } from './json-text.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { actorOf, requestIdOf, type UserAnswer } from './request-context.ts'
import { answerOf, flat, type Method, type ResponseNote, type Route } from './route.ts'
import { type ServerRouteOptions, serverRoutes } from './server-routes.ts'
import { isZod, responseText } from './zod-parts.ts'

/** The options of the plugin. */
export interface GooseOptions extends ServerRouteOptions {
  /** Routes, and lists of them as `resource` gives. */
  readonly routes?: readonly (Route | readonly Route[])[]
  /** The database; if left out, an open connection or the default one. */
  readonly database?: DatabaseOptions
  /** Says who asks, by what the application trusts; runs after all hooks of `onRequest`, and may throw. */
  readonly user?: (request: FastifyRequest) => UserAnswer | Promise<UserAnswer>
}

/** Gives routes with zod schemas the types of what the schemas make: `app.withTypeProvider<ZodTypeProvider>()`. */
export interface ZodTypeProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.core.$ZodType ? z.output<this['schema']> : unknown
  readonly serializer: this['schema'] extends z.core.$ZodType ? z.input<this['schema']> : unknown
}

/** Puts goose on a fastify server: it connects when the server is ready and disconnects when it closes.
 *
 * ```ts
 * import fastify from 'fastify'
 * import { goose } from 'goose-odm/fastify'
 *
 * const app = fastify()
 * await app.register(goose, { routes: [resource(Post, { populate: ['author'] })] })
 * const { statusCode } = await app.inject('/posts?populate=author')
 * console.assert(statusCode === 200)
 * ```
 */
export const goose: FastifyPluginAsync<GooseOptions> = async (app, options) => {
  const database = serverDatabase(options.database ?? {})
  const known: Route[] = []
  app.addHook('onRoute', declared => {
    known.push(...routesOf(declared))
    declared.schema = withAnyAnswer(declared.schema)
  })
  app.addHook('onReady', () => database.open())
  closeConnections(app, () => database.close())
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart, url }) => validatorOf(schema, partNamed(httpPart), url))
  app.setSerializerCompiler<FastifySchema>(({ schema, url }) =>
    (schema as unknown) === anyAnswer ? jsonText : responseText(zodOnly(schema, url)),
  )
  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => {
    refuse(new GooseError('ROUTE_NOT_FOUND', { method: request.method, path: pathOf(request) }), request, reply)
  })
  addContext(app, options.user)
  const own = flat(options.routes ?? [])
  for (const route of [...own, ...serverRoutes(options, { database, all: () => known })]) addRoute(app, route)
}

// The plugin is for the whole server: without this, fastify would keep its hooks and handlers inside it.
Object.assign(goose, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'goose-odm',
  [Symbol.for('plugin-meta')]: { name: 'goose-odm', fastify: '5.x' },
})

/** Stands for the schema of an answer that none describes: it is written as documents are. */
const anyAnswer = Object.freeze({})

function withAnyAnswer(schema: FastifySchema | undefined): FastifySchema {
  return { ...schema, response: { default: anyAnswer, ...(schema?.response as object | undefined) } }
}

// A connection that is kept alive and was busy when the server began to close would hold it open for a minute.
function closeConnections(app: FastifyInstance, then: () => Promise<void>): void {
  let looking: NodeJS.Timeout | undefined
  app.addHook('preClose', done => {
    looking = setInterval(() => app.server.closeIdleConnections(), 50)
    done()
  })
  app.addHook('onClose', async () => {
    clearInterval(looking)
    await then()
  })
}

const requestIds = new WeakMap<FastifyRequest, string>()

function addContext(app: FastifyInstance, user: GooseOptions['user']): void {
  app.addHook('onRequest', (request, reply, done) => {
    const requestId = requestIdOf(request.headers['x-request-id'])
    requestIds.set(request, requestId)
    reply.header('x-request-id', requestId)
    done()
  })
  // By callback: only what is called inside run() has its context.
  app.addHook('preValidation', (request, _reply, done) => {
    const about = { requestId: requestIds.get(request)!, ipAddress: request.ip }
    const enter = (answer: UserAnswer) => auditContext.run(actorOf(answer, about), done)
    if (!user) return enter(undefined)
    Promise.resolve(request).then(user).then(enter, done)
  })
}

function addRoute(app: FastifyInstance, route: Route): void {
  const { method, path, params, query, body } = route
  app.route({
    method,
    url: path,
    schema: { ...(params && { params }), ...(query && { querystring: query }), ...(body && { body }) },
    config: { gooseRoute: route } as object,
    handler: async (request, reply) => {
      const {
        status,
        body: sent,
        headers,
      } = answerOf(
        await route.handle({
          params: request.params,
          query: request.query,
          body: request.body,
          url: request.url,
          header: name => [request.headers[name.toLowerCase()]].flat()[0],
          actor: auditContext.get(),
        }),
      )
      reply.code(status).headers(headers)
      if (headers['content-type'] !== undefined && typeof sent === 'string') return reply.send(Buffer.from(sent))
      return sent === undefined ? reply.send() : reply.type('application/json; charset=utf-8').send(sent)
    },
  })
}

function refuse(error: FastifyError | GooseError, request: FastifyRequest, reply: FastifyReply): void {
  const requestId = requestIds.get(request) ?? request.id
  const problem = problemOf(error, { instance: pathOf(request), requestId })
  if (problem.status >= 500) request.log.error({ err: error, requestId }, 'the request failed')
  void reply.code(problem.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

/** Turns a schema into what fastify calls with a part of a request. */
function validatorOf(schema: unknown, part: RequestPart, url: string | undefined) {
  const known = zodOnly(schema, url)
  return (data: unknown): { readonly value: unknown } => {
    const made = checked(part, known, data)
    // fastify waits for a promise here, though its types want one with a brand.
    return made instanceof Promise ? (made.then(value => ({ value })) as never) : { value: made }
  }
}

function partNamed(name: string | undefined): RequestPart {
  if (name === 'body') return 'body'
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

/** Reads what a fastify route says of itself, for the OpenAPI document. */
function routesOf(declared: RouteOptions): readonly Route[] {
  const own = (declared.config as { readonly gooseRoute?: Route } | undefined)?.gooseRoute
  const { params, querystring, body, response, summary } = (declared.schema ?? {}) as FastifySchema & {
    readonly summary?: string
  }
  return [declared.method]
    .flat()
    .filter(method => method !== 'HEAD' && method !== 'OPTIONS')
    .map(method => ({
      ...(own ?? { handle: () => undefined, ...(summary ? { summary } : {}), ...notesOf(response) }),
      ...(isZod(params) && { params }),
      ...(isZod(querystring) && { query: querystring }),
      ...(isZod(body) && { body }),
      method: method as Method,
      path: declared.url,
    }))
}

function notesOf(response: unknown): { readonly responses?: Readonly<Record<number, ResponseNote>> } {
  if (typeof response !== 'object' || response === null) return {}
  const notes = Object.entries(response).filter(([status, schema]) => /^\d+$/.test(status) && isZod(schema))
  const described = notes.map(([status, schema]) => [status, { description: 'The answer', schema }])
  return described.length > 0 ? { responses: Object.fromEntries(described) } : {}
}
