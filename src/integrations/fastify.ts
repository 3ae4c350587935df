// The fastify plugin: connection, problems, zod schemas, request context and routes of goose on a fastify server.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { GooseError } from '../errors.ts'
import { auditContext } from '../runtime/context.ts'
import { bodyOf } from './body.ts'
import { type DatabaseOptions, type ServerDatabase, serverDatabase } from './database.ts'
import { pathOf, refuse, requestIdFor } from './fastify-problem.ts'
import { routesOf, serializerOf, takeMade, validatorOf, withAnyAnswer } from './fastify-schema.ts'
import { jsonText } from './json-text.ts'
import { actorOf, type UserAnswer } from './request-context.ts'
import { type Answer, answerOf, flat, type Route, sentOf, under } from './route.ts'
import { type Router, routerOf } from './router.ts'
import { type ServerRouteOptions, serverRoutes } from './server-routes.ts'

export { frameworkErrors } from './fastify-problem.ts'
export type { ZodTypeProvider } from './fastify-schema.ts'

/** The options of the plugin. */
export interface GooseOptions extends ServerRouteOptions {
  /** Routes, and lists of them as `resource` gives. */
  readonly routes?: readonly (Route | readonly Route[])[]
  /** The database; if left out, an open connection or the default one. */
  readonly database?: DatabaseOptions
  /** Says who asks, by what the application trusts; runs after all hooks of `onRequest`, and may throw. */
  readonly user?: (request: FastifyRequest) => UserAnswer | Promise<UserAnswer>
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
  const there = servers.get(app)
  const server = there ?? { databases: [], known: [] }
  if (there) refuseAgain(options)
  else prepare(app, server, options.user)
  servers.set(app, server)
  const database = serverDatabase(options.database ?? {})
  server.databases.push(database)
  app.addHook('onReady', () => database.open())
  closeConnections(app, () => database.close())
  const whole = { ping: async () => void (await Promise.all(server.databases.map(each => each.ping()))) }
  const about = there ? [] : serverRoutes(options, { database: whole, all: () => server.known })
  app.register(async own => {
    takeJson(own)
    for (const route of under(options.prefix ?? '', [...flat(options.routes ?? []), ...about])) addRoute(own, route)
  })
}

// The plugin is for the whole server: without this, fastify would keep its hooks and handlers inside it.
Object.assign(goose, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'goose-odm',
  [Symbol.for('plugin-meta')]: { name: 'goose-odm', fastify: '5.x' },
})

interface Server {
  readonly databases: ServerDatabase[]
  /** Every route there is, for the OpenAPI document and for what a path takes. */
  readonly known: Route[]
}

const servers = new WeakMap<FastifyInstance, Server>()

// Once more on one server is one more database, with its routes; all else is there.
function refuseAgain(options: GooseOptions): void {
  const named = (['user', 'health', 'openApi'] as const).find(name => options[name] !== undefined && options[name])
  if (named === undefined) return
  throw new GooseError('NOT_SUPPORTED', {
    what: `the option "${named}" of a second registration`,
    reason: 'the first on this server has it for all of them',
    hint: 'give it to the first, or register inside app.register(async part => …)',
  })
}

function prepare(app: FastifyInstance, { known }: Server, user: GooseOptions['user']): void {
  app.addHook('onRoute', declared => {
    known.push(...routesOf(declared))
    declared.schema = withAnyAnswer(declared.schema)
  })
  app.setValidatorCompiler<FastifySchema>(({ schema, httpPart, url }) => validatorOf(schema, httpPart, url))
  app.setSerializerCompiler<FastifySchema>(({ schema, url }) => serializerOf(schema, url))
  app.addHook('preHandler', (request, _reply, done) => {
    takeMade(request)
    done()
  })
  app.setErrorHandler(refuse)
  setNotFound(app, known)
  addContext(app, user)
}

// fastify takes one handler for a server: one that the application has set before is kept.
function setNotFound(app: FastifyInstance, known: readonly Route[]): void {
  let router: Router | undefined
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    router ??= routerOf(known)
    refuse(notFound(router, request), request, reply)
  }
  try {
    app.setNotFoundHandler(handler)
  } catch {
    return
  }
}

function notFound(router: Router, request: FastifyRequest): unknown {
  const asked = { method: request.method, path: pathOf(request) }
  try {
    router(asked.method, asked.path)
  } catch (error) {
    return error
  }
  return new GooseError('ROUTE_NOT_FOUND', asked)
}

// Routes of goose take JSON, and read it as the web handler does; those of the application take what it says.
function takeJson(own: FastifyInstance): void {
  own.removeAllContentTypeParsers()
  own.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, bytes: Buffer) =>
    bodyOf(bytes, request.headers['content-type']),
  )
}

// A connection that is kept alive and was busy when the server began to close would hold it open for a minute.
function closeConnections(app: FastifyInstance, then: () => Promise<void>): void {
  let looking: NodeJS.Timeout | undefined
  app.addHook('preClose', done => {
    // A server of HTTP/2 has nothing of the kind.
    looking = setInterval(() => app.server.closeIdleConnections?.(), 50)
    done()
  })
  app.addHook('onClose', async () => {
    clearInterval(looking)
    await then()
  })
}

function addContext(app: FastifyInstance, user: GooseOptions['user']): void {
  app.addHook('onRequest', (request, reply, done) => {
    requestIdFor(request, reply)
    done()
  })
  // By callback: only what is called inside run() has its context.
  app.addHook('preValidation', (request, reply, done) => {
    const about = { requestId: requestIdFor(request, reply), ipAddress: request.ip }
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
      const given = await route.handle({
        params: request.params,
        query: request.query,
        body: request.body,
        url: request.url,
        header: name => [request.headers[name.toLowerCase()]].flat()[0],
        actor: auditContext.get(),
      })
      return send(answerOf(given), reply)
    },
  })
}

function send(given: Answer, reply: FastifyReply): FastifyReply {
  const sent = sentOf(given)
  reply.code(given.status).headers(given.headers)
  if (sent.kind === 'nothing') return reply.send()
  reply.type(sent.type)
  // Text is sent as it is, so that it must be JSON already.
  return reply.send(sent.kind === 'json' && typeof sent.body === 'string' ? jsonText(sent.body) : sent.body)
}
