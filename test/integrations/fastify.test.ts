// The fastify plugin beside an application's own routes: types, hooks, answers, start and stop.
import { setTimeout } from 'node:timers/promises'
import fastify from 'fastify'
import { auditContext, connection, disconnect, z } from 'goose-odm'
import { goose, type ZodTypeProvider } from 'goose-odm/fastify'
import { createSchema, documentSchema, objectIdParam, pageQuery, pageSchema, updateSchema } from 'goose-odm/http'
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { Note, Person } from '../support/http-models.ts'
import { useModelDatabase } from '../support/model-database.ts'

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
