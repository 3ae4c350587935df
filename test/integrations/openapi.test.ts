// The OpenAPI document: what it says of routes, and that answers are what it says.

import { z } from 'goose-odm'
import { objectIdParam, openApi, resource, route } from 'goose-odm/http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Gauge, Note, Person } from '../support/http-models.ts'
import { adapters, type TestServer } from '../support/http-servers.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('http_openapi')

const routes = [
  resource(Person, { path: '/people', filter: ['born'], serverSet: ['role', 'devices'] }),
  resource(Note, { path: '/notes', sort: ['title'], populate: ['author'] }),
  resource(Gauge, { path: '/gauges', actions: ['get'] }),
  route({
    method: 'POST',
    path: '/notes/:id/views',
    summary: 'Counts a view',
    params: objectIdParam(),
    body: z.strictObject({ by: z.int().default(1) }),
    handle: async ({ params, body }) => {
      await Note.updateMany({ _id: params.id }, { $inc: { views: body.by } })
    },
  }),
]

interface Json {
  readonly [name: string]: Json
}
const made = JSON.parse(JSON.stringify(openApi(routes.flat(), { title: 'Notes', version: '1.2.3' }))) as Json

test('names each route with its parameters, its body and its answers', () => {
  expect(made).toMatchObject({ openapi: '3.1.0', info: { title: 'Notes', version: '1.2.3' } })
  expect(Object.entries(made.paths!).map(([path, methods]) => [path, Object.keys(methods as object)])).toEqual([
    ['/people', ['get', 'post']],
    ['/people/{id}', ['get', 'patch', 'put', 'delete']],
    ['/notes', ['get', 'post']],
    ['/notes/{id}', ['get', 'patch', 'put', 'delete']],
    ['/gauges/{id}', ['get']],
    ['/notes/{id}/views', ['post']],
  ])
  const { get, post } = made.paths!['/people']!
  expect(get!.parameters!).toEqual(
    expect.arrayContaining([
      {
        name: 'size',
        in: 'query',
        required: false,
        schema: { default: 20, type: 'integer', minimum: 1, maximum: 100 },
      },
      { name: 'born[gte]', in: 'query', required: false, schema: { type: 'string', maxLength: 1000 } },
    ]),
  )
  expect(post!.requestBody!).toMatchObject({
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['name', 'email'],
          additionalProperties: false,
          properties: { email: { format: 'email' }, born: { type: 'string', format: 'date-time' } },
        },
      },
    },
  })
  expect(made.paths!['/notes/{id}/views']!.post!).toMatchObject({
    summary: 'Counts a view',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-fA-F]{24}$' } }],
  })
})

test('says nothing of secret fields, and refers only to what is there', () => {
  const text = JSON.stringify(made)
  expect(text).not.toMatch(/passwordHash|token/)
  const schemas = Object.keys(made.components!.schemas!)
  expect(schemas).toEqual(['Problem', 'HttpPerson', 'HttpNote', 'HttpGauge'])
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(match => match[1]!)
  expect(references.filter(name => !schemas.includes(name))).toEqual([])
})

describe.each(adapters)('%s', (_, open) => {
  let server: TestServer
  beforeAll(async () => {
    server = await open(routes)
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    const ada = await Person.create({ name: 'Ada', email: 'ada@example.org', devices: [{ name: 'x', token: 'y' }] })
    await Note.create({
      title: 'a',
      author: ada,
      price: '1.5',
      bytes: 5n,
      due: new Date(),
      remarks: [{ by: ada, text: '' }],
    })
    await Note.create({ title: 'b', author: ada })
  })

  test('serves the document and a page for people that loads nothing', async () => {
    const { body } = await server.ask('GET', '/openapi.json')
    const own = Object.keys(body.paths as object).filter(path => path !== '/health')
    expect(own).toEqual(Object.keys(made.paths!))
    expect(body.components).toEqual(made.components)
    const { text, headers } = await server.ask('GET', '/docs')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(text).toContain('/notes/{id}/views')
    expect(text).not.toMatch(/<script|https?:/)
  })

  test('answers are what it says they are', async () => {
    const [note] = await Note.find().sort('title').all()
    const asked = [
      '/people',
      '/notes',
      '/notes?populate=author',
      '/notes?after=&size=1',
      `/notes/${note!._id}?populate=author`,
    ]
    for (const path of asked) {
      const { status, body } = await server.ask('GET', path)
      expect(status).toBe(200)
      const [plain] = path.split('?')
      const known = made.paths![plain!] ?? made.paths!['/notes/{id}']
      const { schema } = known!.get!.responses!['200']!.content!['application/json']!
      expect(z.safeParse(schemaFor(schema!), body).error, path).toBeUndefined()
    }
    const problem = schemaFor(made.components!.schemas!.Problem!)
    expect(z.safeParse(problem, (await server.ask('GET', '/notes/x')).body).error).toBeUndefined()
  })

  test('a schema’s defaults reach the route', async () => {
    const [note] = await Note.find().all()
    expect((await server.ask('POST', `/notes/${note!._id}/views`, { body: {} })).status).toBe(204)
    expect((await Note.get(note!._id)).views).toBe(1)
  })
})

/** zod reads definitions under another name. */
function schemaFor(schema: Json): z.ZodType {
  const whole = { ...schema, $defs: made.components!.schemas }
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')))
}
