// The fastify plugin beside an application's own routes: types, hooks, answers, start and stop.
import { setTimeout } from 'node:timers/promises'
import fastify from 'fastify'
import { auditContext, connection, disconnect, model, z } from 'goose-odm'
import { goose, type ZodTypeProvider } from 'goose-odm/fastify'
import {
  createSchema,
  documentSchema,
  objectIdParam,
  pageQuery,
  pageSchema,
  resource,
  updateSchema,
} from 'goose-odm/http'
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { Note, Person } from '../support/http-models.ts'
import { useModelDatabase } from '../support/model-database.ts'

class Log extends model('HttpLog', { text: z.string() }, { connection: 'http_second' }) {}

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

function server() {
  const app = fastify()
  open.push(() => app.close())
  return app
}

describe('on a database', () => {
  useModelDatabase('http_fastify')

  async function people() {
    const app = server().withTypeProvider<ZodTypeProvider>()
    await app.register(goose, {})
    app.get('/people', { schema: { querystring: pageQuery(), response: { 200: pageSchema(Person) } } }, ({ query }) => {
      expectTypeOf(query.page).toBeNumber()
      return Person.find().sort('name').page(query)
    })
    app.post('/people', { schema: { body: createSchema(Person, { serverSet: ['role'] }) } }, ({ body }) => {
      expectTypeOf(body.name).toBeString()
      expectTypeOf(body).not.toHaveProperty('role')
      return Person.create(body)
    })
    const one = { params: objectIdParam(), body: updateSchema(Person), response: { 200: documentSchema(Person) } }
    app.patch('/people/:id', { schema: one }, async ({ params, body }) => {
      expectTypeOf(body.email).toEqualTypeOf<string | undefined>()
      return Object.assign(await Person.get(params.id), body).save()
    })
    return app
  }

  test('routes of one’s own take zod schemas, and answer documents without secrets', async () => {
    const app = await people()
    const body = { name: 'Ada', email: 'ada@example.org', password: 'lovelace1815' }
    const made = await app.inject({ method: 'POST', url: '/people', payload: body })
    expect(made.json()).toMatchObject({ name: 'Ada', role: 'author', _id: expect.stringMatching(/^[0-9a-f]{24}$/) })
    expect(made.body).not.toMatch(/hashed|lovelace/)
    const changed = await app.inject({
      method: 'PATCH',
      url: `/people/${made.json()._id}`,
      payload: { born: '1815-12-10' },
    })
    expect(changed.json()).toMatchObject({ born: '1815-12-10T00:00:00.000Z' })
    const listed = await app.inject('/people?size=1')
    expect(listed.json()).toMatchObject({ total: 1, items: [changed.json()] })
    expect(listed.body).not.toMatch(/hashed/)
    expect((await app.inject('/people?size=0')).json()).toMatchObject({
      code: 'REQUEST_INVALID',
      issues: [{ path: 'size' }],
    })
  })

  test('routes of one’s own are in the OpenAPI document', async () => {
    const { paths } = (await (await people()).inject('/openapi.json')).json()
    expect(Object.keys(paths)).toEqual(['/health', '/people', '/people/{id}'])
    expect(paths['/people'].get.responses['200'].content['application/json'].schema.anyOf).toHaveLength(2)
    expect(paths['/people/{id}'].patch.parameters).toMatchObject([{ name: 'id', in: 'path' }])
  })

  test('a schema that waits gives routes what it makes, not what was sent', async () => {
    const app = server()
    await app.register(goose, {})
    const taken = z.object({ name: z.string().refine(async name => name !== 'taken'), size: z.coerce.number() })
    app.post('/', { schema: { body: taken, querystring: taken.partial() } }, ({ body, query }) => ({ body, query }))
    const ask = (name: string) =>
      app.inject({ method: 'POST', url: '/?size=3&role=admin', payload: { name, size: '2', role: 'admin' } })
    expect((await ask('free')).json()).toEqual({ body: { name: 'free', size: 2 }, query: { size: 3 } })
    expect((await ask('taken')).json()).toMatchObject({ status: 422, issues: [{ path: 'name' }] })
  })

  test('a body that is not there is none to a schema, and headers are checked, too', async () => {
    const app = server()
    await app.register(goose, {})
    const body = z.object({ a: z.string() }).optional()
    app.post('/', { schema: { body } }, request => ({ body: typeof request.body }))
    app.get('/', { schema: { headers: z.object({ 'x-count': z.coerce.number() }) } }, ({ headers }) => ({
      count: headers['x-count'],
    }))
    expect((await app.inject({ method: 'POST', url: '/' })).json()).toEqual({ body: 'undefined' })
    expect((await app.inject({ url: '/', headers: { 'x-count': '2' } })).json()).toEqual({ count: 2 })
    const refused = await app.inject({ url: '/', headers: { 'x-count': 'two' } })
    expect(refused.json()).toMatchObject({
      status: 400,
      detail: 'the header is not valid: x-count: expected a number',
    })
  })

  test('a schema whose own code fails is the server’s fault, and a route may look at a refusal itself', async () => {
    const app = server()
    await app.register(goose, {})
    const failing = z.object({
      a: z.string().transform(() => {
        throw new Error('the table is locked')
      }),
    })
    app.post('/failing', { schema: { body: failing } }, () => 'never')
    const options = { schema: { body: z.object({ a: z.string() }) }, attachValidation: true }
    app.post('/attached', options, ({ validationError }) => ({ said: validationError?.message }))
    const failed = await app.inject({ method: 'POST', url: '/failing', payload: { a: 'x' } })
    expect([failed.statusCode, failed.body.includes('locked')]).toEqual([500, false])
    const attached = await app.inject({ method: 'POST', url: '/attached', payload: {} })
    expect(attached.json()).toEqual({ said: 'the body is not valid: a: is required' })
  })

  test('a prefix stands before all routes, and the page tells where the document lies', async () => {
    const app = server()
    await app.register(goose, { prefix: '/api', routes: [resource(Person, { path: '/people' })] })
    await app.register(
      async part => {
        await part.register(goose, { routes: [resource(Note, { path: '/notes' })] })
      },
      { prefix: '/v2' },
    )
    const status = async (path: string) => (await app.inject(path)).statusCode
    for (const path of ['/api/people', '/api/health', '/v2/notes', '/v2/health']) expect(await status(path)).toBe(200)
    for (const path of ['/people', '/health', '/notes', '/v2/people']) expect(await status(path)).toBe(404)
    expect((await app.inject('/api/docs')).body).toContain('href="/api/openapi.json"')
    expect((await app.inject('/v2/docs')).body).toContain('href="/v2/openapi.json"')
    const { paths } = (await app.inject('/v2/openapi.json')).json()
    expect(Object.keys(paths)).toEqual(['/v2/notes', '/v2/notes/{id}', '/v2/health'])
  })

  test('what is registered inside a part of a server leaves the rest of it alone', async () => {
    const app = server()
    const jsonSchema = { querystring: { type: 'object', properties: { n: { type: 'number' } } } }
    app.get('/own', { schema: jsonSchema }, ({ query }) => query)
    await app.register(async part => {
      await part.register(goose, { routes: [resource(Note, { path: '/notes' })], user: () => 'ada' })
    })
    app.get('/actor', () => auditContext.get())
    expect((await app.inject('/own?n=1')).json()).toEqual({ n: 1 })
    expect((await app.inject('/actor')).json()).toEqual({})
    expect((await app.inject('/notes')).json()).toMatchObject({ total: 0 })
  })

  test('hooks of the application hold for routes of goose, also those added later', async () => {
    const app = server()
    await app.register(goose, { routes: [resource(Person, { path: '/people' })] })
    app.addHook('onRequest', async request => {
      if (request.headers.authorization === undefined)
        throw Object.assign(new Error('sign in first'), { statusCode: 401 })
    })
    expect((await app.inject('/people')).json()).toMatchObject({ status: 401, detail: 'sign in first' })
    expect((await app.inject({ url: '/people', headers: { authorization: 'x' } })).statusCode).toBe(200)
  })

  test.each(['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend'] as const)(
    'an error in %s tells the client nothing',
    async hook => {
      const app = server()
      await app.register(goose, { routes: [resource(Person, { path: '/people' })] })
      app.addHook(hook as 'onRequest', async () => {
        throw new Error('hunter2')
      })
      const { statusCode, body } = await app.inject('/people')
      expect([statusCode, JSON.parse(body)]).toMatchObject([500, { code: 'INTERNAL_SERVER_ERROR' }])
      expect(body).not.toContain('hunter2')
    },
  )

  test('a handler that the application has for what is not there is kept', async () => {
    const app = server()
    app.setNotFoundHandler((_request, reply) => reply.code(404).send({ own: true }))
    await app.register(goose, { routes: [resource(Person, { path: '/people' })] })
    expect((await app.inject('/nothing')).json()).toEqual({ own: true })
    expect((await app.inject('/people')).statusCode).toBe(200)
  })

  test('patterns of paths, and routes that are left out, are described as OpenAPI can', async () => {
    const app = server()
    await app.register(goose, { health: false })
    app.get('/years/:year(^\\d{4}$)', () => '')
    app.get('/files/*', () => '')
    app.get('/maybe/:name?', () => '')
    app.all('/all', () => '')
    app.get('/hidden', { schema: { hide: true } as object }, () => '')
    const { paths } = (await app.inject('/openapi.json')).json()
    expect(
      Object.entries(paths).map(([path, methods]) => [
        path,
        Object.keys(methods as object)
          .sort()
          .join(),
      ]),
    ).toEqual([
      ['/years/{year}', 'get'],
      ['/files/{rest}', 'get'],
      ['/maybe/{name}', 'get'],
      ['/all', 'delete,get,patch,post,put'],
    ])
    expect(paths['/files/{rest}'].get.parameters).toMatchObject([{ name: 'rest', in: 'path', required: true }])
  })

  test('an answer that is not what its schema says is the server’s fault', async () => {
    const app = server()
    await app.register(goose, {})
    app.get('/', { schema: { response: { 200: z.object({ count: z.int() }) } } }, () => ({ count: 'many', hash: 'x' }))
    app.get('/fits', { schema: { response: { 200: z.object({ count: z.int() }) } } }, () => ({ count: 1, hash: 'x' }))
    expect((await app.inject('/')).statusCode).toBe(500)
    expect((await app.inject('/fits')).body).toBe('{"count":1}')
  })

  test('a schema that is not zod’s is refused when the server starts', async () => {
    const app = server()
    await app.register(goose, {})
    app.get('/', { schema: { querystring: { type: 'object' } } }, () => 'never')
    await expect(app.ready()).rejects.toThrow(/not zod/)
  })

  test('a plain answer is what JSON makes of it', async () => {
    const app = server()
    await app.register(goose, {})
    const value = {
      text: 'a "b" \u2028 \ud800',
      none: undefined,
      list: [undefined, null, NaN, 1.5, new Date(0)],
      nested: { toJSON: () => ({ at: [true] }) },
      empty: {},
      '"': 'quoted',
    }
    app.get('/', () => value)
    app.get('/large', () => ({ n: 9007199254740993n }))
    expect((await app.inject('/')).body).toBe(JSON.stringify(value))
    expect((await app.inject('/large')).body).toBe('{"n":"9007199254740993"}')
  })

  test('what the application’s hooks and routes do has the request’s context, also after waiting', async () => {
    const app = server()
    await app.register(goose, {
      user: async request => {
        await setTimeout(1)
        return { userId: request.headers['x-token'] === 'right' ? 'ada' : undefined, reason: 'test' }
      },
    })
    app.post('/', async () => {
      await setTimeout(1)
      return auditContext.get()
    })
    const asked = { method: 'POST', url: '/', payload: { large: 'x'.repeat(100_000) } } as const
    const headers = { 'x-request-id': 'r-1', 'x-user-id': 'root', 'x-forwarded-for': '6.6.6.6' }
    const known = await app.inject({ ...asked, headers: { ...headers, 'x-token': 'right' } })
    expect(known.json()).toEqual({
      userId: 'ada',
      reason: 'test',
      requestId: 'r-1',
      ipAddress: '127.0.0.1',
      via: 'app',
    })
    expect((await app.inject({ ...asked, headers })).json()).not.toHaveProperty('userId')
  })

  test('a connection of the application is used and left open', async () => {
    const app = server()
    await app.register(goose, {})
    expect((await app.inject('/health')).json()).toEqual({ status: 'ok' })
    await app.close()
    expect(await connection().db.command({ ping: 1 })).toMatchObject({ ok: 1 })
  })
})

describe('with a database of its own', () => {
  const uri = process.env.GOOSE_TEST_URI ?? 'embedded::memory:'
  const database = { uri, database: `goose_test_fastify_own_${process.pid}` }

  test('connects when it is ready, lets requests under way finish and disconnects when it closes', async () => {
    const app = fastify()
    await app.register(goose, { database })
    let started: () => void = () => undefined
    const under = new Promise<void>(resolve => {
      started = resolve
    })
    app.get('/slow', async () => {
      started()
      await setTimeout(50)
      return { count: await Note.count() }
    })
    expect(() => connection()).toThrow('no connection "default" is open')
    const address = await app.listen({ port: 0 })
    expect(connection().alias).toBe('default')
    const slow = fetch(`${address}/slow`)
    await under
    await connection().db.dropDatabase()
    await app.close()
    expect(await (await slow).json()).toEqual({ count: 0 })
    expect(() => connection()).toThrow('no connection "default" is open')
  })

  test('does not start where there is no database, and says so without the password', async () => {
    const app = server()
    await app.register(goose, { database: { uri: 'mongodb://root:hunter2@127.0.0.1:1/', timeout: 50 } })
    const error = await app.ready().then(
      () => undefined,
      (caught: unknown) => caught,
    )
    expect(error).toMatchObject({ code: 'NOT_CONNECTED' })
    expect(String(error)).not.toContain('hunter2')
  })

  test('a server can have two databases, asked after together', async () => {
    const app = server()
    const second = { uri: 'embedded::memory:', alias: 'http_second' }
    await app.register(goose, { database, routes: [resource(Note, { path: '/notes' })] })
    await app.register(goose, { database: second, prefix: '/logs', routes: [resource(Log)] })
    expect((await app.inject('/logs/httplogs')).json()).toMatchObject({ total: 0 })
    expect((await app.inject('/notes')).json()).toMatchObject({ total: 0 })
    expect(Object.keys((await app.inject('/openapi.json')).json().paths)).toContain('/logs/httplogs')
    expect((await app.inject('/health')).statusCode).toBe(200)
    await connection().db.dropDatabase()
    await disconnect('http_second')
    expect((await app.inject('/health')).json()).toMatchObject({ status: 503, code: 'NOT_CONNECTED' })
    await app.close()
    expect(() => connection()).toThrow('no connection')
  })

  test('a second registration has no say in what the first decided', async () => {
    const app = server()
    await app.register(goose, { database })
    await expect(app.register(goose, { user: () => 'eve' })).rejects.toThrow('the option "user" of a second')
  })

  test('a connection that was closed is a 503 in health and in routes, and nothing else is said', async () => {
    const app = server()
    await app.register(goose, { database })
    app.get('/notes', () => Note.find().all())
    await app.ready()
    await connection().client.close()
    await disconnect()
    for (const path of ['/health', '/notes']) {
      const lost = await app.inject(path)
      expect(lost.json()).toMatchObject({ status: 503, code: 'NOT_CONNECTED', title: 'Service Unavailable' })
      expect(lost.body).not.toMatch(/127\.0\.0\.1|mongodb:|alias|default/)
    }
  })
})
