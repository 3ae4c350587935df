// The web handler under node:http, Hono and the route files of Next.
import { type ClientRequest, createServer, type IncomingMessage, request as rawRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { connect, connection, disconnect, ObjectId } from 'goose-odm'
import { goose } from 'goose-odm/fastify'
import { answer, httpHandler, nodeListener, resource, route, under } from 'goose-odm/http'
import { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { Note, Person } from '../support/http-models.ts'
import { useModelDatabase } from '../support/model-database.ts'

const api = under('/api', [
  ...resource(Person, { path: '/people', filter: ['name'] }),
  ...resource(Note, { path: '/notes', populate: ['author'] }),
  route({
    method: 'GET',
    path: '/people/me',
    handle: ({ actor, header }) => ({ ...actor, agent: header('User-Agent') }),
  }),
  route({ method: 'GET', path: '/page', handle: () => answer(200, '<h1>x</h1>', { 'content-type': 'text/html' }) }),
])

describe('on a database', () => {
  useModelDatabase('http_handler')
  const handler = httpHandler({ routes: [api], health: '/live', bodyLimit: 2000, openApi: { page: '/about' } })
  const ada = { name: 'Ada', email: 'ada@example.org' }
  beforeEach(() => Person.create(ada))

  test('node:http serves it over a socket, with bodies, HEAD and the client’s address', async () => {
    const server = createServer(nodeListener(handler)).listen(0)
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const body = JSON.stringify({ name: 'Grace', email: 'grace@example.org' })
      const made = await fetch(`${at}/api/people`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      expect([made.status, made.headers.get('location')]).toEqual([
        201,
        expect.stringMatching(/^\/api\/people\/[0-9a-f]+$/),
      ])
      const head = await fetch(`${at}/api/people`, { method: 'HEAD' })
      expect([head.status, await head.text()]).toEqual([200, ''])
      const me = (await (await fetch(`${at}/api/people/me`, { headers: { 'user-agent': 'test' } })).json()) as object
      expect(me).toMatchObject({ ipAddress: expect.stringContaining('127.0.0.1'), agent: 'test', via: 'app' })
      const page = await fetch(`${at}/api/page`)
      expect([page.headers.get('content-type'), await page.text()]).toEqual(['text/html', '<h1>x</h1>'])
      expect((await fetch(`${at}/live`)).status).toBe(200)
      expect(await (await fetch(`${at}/about`)).text()).toContain('/api/people/{id}')
    } finally {
      server.close()
    }
  })

  test('a body that grows beyond the limit without saying so is refused, and so is a path that is none', async () => {
    const server = createServer(nodeListener(handler)).listen(0)
    const { port } = server.address() as AddressInfo
    const ask = (method: string, path: string, chunks: readonly string[]) =>
      new Promise<number>((found, failed) => {
        const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
        const asked = rawRequest({ port, method, path, headers }, response => {
          response.resume()
          found(response.statusCode ?? 0)
        }).on('error', failed)
        for (const chunk of chunks) asked.write(chunk)
        asked.end()
      })
    try {
      expect(await ask('POST', '/api/people', ['[', ...Array(30).fill('"x",'.repeat(25))])).toBe(413)
      expect(await ask('GET', '/api/people/%E0%A4%A', [])).toBe(400)
      expect(await ask('GET', '//evil.example/api/people', [])).toBe(404)
    } finally {
      server.close()
    }
  })

  test('bytes, streams and texts with a type are sent as they are, and all else as JSON', async () => {
    const streamed = () => new Blob(['a', 'b']).stream()
    const handles: Record<string, () => unknown> = {
      bytes: () => answer(200, Buffer.from([0, 255]), { 'content-type': 'image/png' }),
      untyped: () => Uint8Array.of(1),
      stream: () => answer(200, streamed(), { 'Content-Type': 'text/csv' }),
      text: () => 'a "text"',
      special: () => answer(200, { a: 1 }, { 'content-type': 'application/hal+json' }),
      moved: () => answer(302, undefined, { location: '/api' }),
    }
    const sent = Object.entries(handles).map(([name, handle]) => route({ method: 'GET', path: `/${name}`, handle }))
    const app = fastify()
    await app.register(goose, { routes: sent })
    const server = createServer(nodeListener(httpHandler({ routes: sent }))).listen(0)
    const ends = [await app.listen(), `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
    try {
      for (const end of ends) {
        const ask = async (name: string) => {
          const response = await fetch(`${end}/${name}`, { redirect: 'manual' })
          const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
          return [response.status, response.headers.get('content-type')?.split(';')[0], text]
        }
        expect(await ask('bytes')).toEqual([200, 'image/png', '\0\xff'])
        expect(await ask('untyped')).toEqual([200, 'application/octet-stream', '\x01'])
        expect(await ask('stream')).toEqual([200, 'text/csv', 'ab'])
        expect(await ask('text')).toEqual([200, 'application/json', '"a \\"text\\""'])
        expect(await ask('special')).toEqual([200, 'application/hal+json', '{"a":1}'])
        expect(await ask('moved')).toEqual([302, undefined, ''])
      }
    } finally {
      server.close()
      await app.close()
    }
  })

  test('node:http sends every cookie, refuses what is no request, and bears clients that go away', async () => {
    const told: unknown[] = []
    const quiet = httpHandler({ routes: [api], onError: error => void told.push(error) })
    const baked = async (...asked: Parameters<typeof quiet>) => {
      const response = new Response('ok', await quiet(...asked))
      for (const cookie of ['a=1', 'b=2']) response.headers.append('set-cookie', cookie)
      return response
    }
    const server = createServer(nodeListener(Object.assign(baked, quiet))).listen(0)
    const { port } = server.address() as AddressInfo
    const ask = (method: string, options: object, use: (asked: ClientRequest) => void) =>
      new Promise<IncomingMessage | string>(found => {
        const asked = rawRequest({ port, method, path: '/api/people', ...options }, found)
        use(asked.on('error', ({ message }) => found(message)).on('response', response => response.resume()))
      })
    try {
      const { headers } = (await ask('GET', {}, asked => asked.end())) as IncomingMessage
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
      const traced = (await ask('TRACE', {}, asked => asked.end())) as IncomingMessage
      expect([traced.statusCode, traced.headers['content-type']]).toEqual([405, expect.stringContaining('problem')])
      const typed = { headers: { 'content-type': 'application/json', 'content-length': 100 } }
      const left = await ask('POST', typed, asked => asked.write('{', () => asked.destroy()))
      expect(left).toBe('socket hang up')
      await ask('GET', {}, asked => asked.end())
      expect(told).toEqual([])
    } finally {
      server.close()
    }
  })

  test('Hono serves it beside its own routes', async () => {
    const app = new Hono()
    app.get('/own', context => context.text('own'))
    app.all('/api/*', context => handler(context.req.raw))
    expect(await (await app.request('/own')).text()).toBe('own')
    expect(await (await app.request('/api/people?name=Ada')).json()).toMatchObject({ total: 1, items: [ada] })
    const refused = await app.request('/api/people', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect([refused.status, await refused.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    ])
  })

  test('the route files of Next export it by method', async () => {
    const file: Record<string, (request: Request) => Promise<Response>> = { GET: handler, DELETE: handler }
    const [person] = await Person.find().all()
    const at = `http://localhost/api/people/${person!._id}`
    expect(await (await file.GET!(new Request(at))).json()).toMatchObject(ada)
    expect((await file.DELETE!(new Request(at, { method: 'DELETE' }))).status).toBe(204)
    expect((await file.GET!(new Request(at))).status).toBe(404)
  })

  test('a method that a path does not take is told with those it takes', async () => {
    const reply = await handler(new Request('http://localhost/api/people', { method: 'PUT', body: '{}' }))
    expect(reply.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
    expect(await reply.json()).toMatchObject({ status: 405, code: 'METHOD_REFUSED' })
  })

  test('a fixed path goes before a parameter', async () => {
    expect((await handler(new Request('http://localhost/api/people/me'))).status).toBe(200)
    expect((await handler(new Request('http://localhost/api/people/other'))).status).toBe(400)
  })
})

test('without a connection the first request opens one, and close ends it', async () => {
  const uri = process.env.GOOSE_TEST_URI ?? 'embedded::memory:'
  const handler = httpHandler({ routes: [api], database: { uri, database: `goose_test_handler_own_${process.pid}` } })
  const ask = (path: string) => handler(new Request(`http://localhost${path}`))
  const replies = await Promise.all([ask('/api/people'), ask('/api/notes'), ask('/health')])
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
  await connection().db.dropDatabase()
  await handler.close()
  expect(() => connection()).toThrow('no connection "default" is open')
})

test('who asks is looked up in the database of the handler, also by the first request', async () => {
  const uri = process.env.GOOSE_TEST_URI ?? 'embedded::memory:'
  const database = `goose_test_handler_user_${process.pid}`
  const handler = httpHandler({
    database: { uri, database },
    user: async () => ({ userId: connection().db.databaseName, reason: String(await Person.count()) }),
    routes: [route({ method: 'GET', path: '/', handle: ({ actor }) => actor })],
  })
  const reply = await handler(new Request('http://localhost/'))
  expect(await reply.json()).toMatchObject({ userId: database, reason: '0' })
  await handler.close()
})

test('who asks may be an id of any kind, a document, or more, and nothing else of it is taken', async () => {
  await connect('embedded::memory:')
  const id = new ObjectId('65f0a1b2c3d4e5f607182930')
  const answers: readonly (readonly [said: unknown, userId: unknown])[] = [
    ['ada', 'ada'],
    [7, 7],
    [id, String(id)],
    [new Person({ _id: id, name: 'Ada', email: 'ada@example.org', passwordHash: 'hunter2' }), String(id)],
    [{ userId: 'ada', passwordHash: 'hunter2' }, 'ada'],
    [null, undefined],
    [undefined, undefined],
  ]
  for (const [said, userId] of answers) {
    const handler = httpHandler({
      prefix: '/api',
      user: () => said as string,
      routes: [route({ method: 'GET', path: '/me', handle: ({ actor }) => actor })],
    })
    const actor = (await (await handler(new Request('http://localhost/api/me'))).json()) as { userId?: string }
    expect(actor.userId).toBe(userId)
    expect(JSON.stringify(actor)).not.toContain('hunter2')
  }
  await disconnect()
})

test('a database that is not there is a 503, and found again when it comes back', async () => {
  const told: unknown[] = []
  const handler = httpHandler({
    routes: [api],
    database: { uri: 'mongodb://root:hunter2@127.0.0.1:1/', timeout: 50 },
    onError: error => void told.push(error),
  })
  for (let i = 0; i < 2; i++) {
    const reply = await handler(new Request('http://localhost/api/people'))
    expect(reply.status).toBe(503)
    expect(await reply.text()).not.toMatch(/hunter2|127\.0\.0\.1/)
  }
  expect(told).toMatchObject([{ code: 'NOT_CONNECTED' }, { code: 'NOT_CONNECTED' }])
})
