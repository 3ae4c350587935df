// The types of routes and resources: what schemas make flows into handlers, and what would fail does not compile.
import fastify from 'fastify'
import { model, type ObjectId, ref, secret, timestamps, z } from 'goose-odm'
import { goose, type ZodTypeProvider } from 'goose-odm/fastify'
import {
  answer,
  createSchema,
  cursorQuery,
  documentSchema,
  objectIdParam,
  pageQuery,
  resource,
  route,
  updateSchema,
} from 'goose-odm/http'
import { expect, expectTypeOf, test } from 'vitest'

class Writer extends model('TypeHttpWriter', { name: z.string(), hash: secret(z.string()).optional() }) {}
class Piece extends model(
  'TypeHttpPiece',
  { title: z.string(), writer: ref(() => Writer), at: z.date().optional(), views: z.int().default(0) },
  { plugins: [timestamps()] },
) {
  get shout() {
    return this.title.toUpperCase()
  }
}

test('a route is called with what its schemas make', () => {
  const made = route({
    method: 'PATCH',
    path: '/pieces/:piece',
    params: objectIdParam('piece'),
    query: z.strictObject({ dry: z.stringbool().default(false) }),
    body: updateSchema(Piece, { serverSet: ['views'] }),
    handle: ({ params, query, body, actor }) => {
      expectTypeOf(params).toEqualTypeOf<{ piece: ObjectId }>()
      expectTypeOf(query).toEqualTypeOf<{ dry: boolean }>()
      expectTypeOf(body.title).toEqualTypeOf<string | undefined>()
      expectTypeOf(body.at).toEqualTypeOf<Date | undefined>()
      expectTypeOf(body).not.toHaveProperty('views')
      expectTypeOf(actor.userId).toBeUnknown()
      // @ts-expect-error there is no such parameter
      params.id
      return answer(200, body)
    },
  })
  const bare = route({
    method: 'GET',
    path: '/',
    handle: ({ params, body }) => {
      expectTypeOf(params).toBeUnknown()
      expectTypeOf(body).toBeUnknown()
    },
  })
  // @ts-expect-error there is no such method
  route({ method: 'FETCH', path: '/', handle: () => undefined })
  expect([made.method, bare.method]).toEqual(['PATCH', 'GET'])
})

test('a fastify route has the types of its zod schemas on both ends', async () => {
  const app = fastify().withTypeProvider<ZodTypeProvider>()
  await app.register(goose, { health: false, openApi: false, database: { uri: 'embedded::memory:' } })
  const schema = {
    params: objectIdParam(),
    querystring: pageQuery(),
    headers: z.object({ 'x-count': z.coerce.number() }),
    body: createSchema(Piece, { serverSet: ['views'] }),
    response: { 200: documentSchema(Piece), 202: z.object({ count: z.int() }) },
  }
  app.post('/pieces/:id', { schema }, async ({ params, query, headers, body }, reply) => {
    expectTypeOf(params.id).toEqualTypeOf<ObjectId>()
    expectTypeOf(query).toEqualTypeOf<{ page: number; size: number }>()
    expectTypeOf(headers['x-count']).toBeNumber()
    expectTypeOf(body.title).toBeString()
    expectTypeOf(body).not.toHaveProperty('views')
    // @ts-expect-error an answer of 202 has a count
    reply.code(202).send({ counter: 1 })
    return Piece.create(body)
  })
  app.get('/cursor', { schema: { querystring: cursorQuery() } }, ({ query }) => {
    expectTypeOf(query).toEqualTypeOf<{ size: number; after?: string | undefined }>()
    return Piece.find().after(query.after, { limit: query.size })
  })
  // @ts-expect-error an answer of 200 is a piece
  app.get('/wrong', { schema: { response: { 200: documentSchema(Piece) } } }, async () => 'text')
  await app.close()
})

test('a resource names what its model has', () => {
  const routes = resource(Piece, {
    filter: ['title', 'writer', '_id'],
    populate: ['writer'],
    serverSet: ['views'],
    only: ({ actor }) => ({ title: String(actor.userId) }),
    onCreate: async () => ({ views: 1 }),
    authorize: (action, { document }) => {
      expectTypeOf(action).toEqualTypeOf<'list' | 'get' | 'create' | 'update' | 'replace' | 'delete'>()
      expectTypeOf(document).toEqualTypeOf<Piece | undefined>()
      return document?.shout
    },
  })
  // @ts-expect-error there is no such field
  expect(() => resource(Piece, { sort: ['titel'] })).toThrow()
  // @ts-expect-error there is no such field
  expect(() => resource(Piece, { serverSet: ['view'] })).toThrow()
  // @ts-expect-error there is no such field
  resource(Piece, { onCreate: () => ({ view: 1 }) })
  // @ts-expect-error a title is text
  resource(Piece, { only: () => ({ title: 5 }) })
  // @ts-expect-error there is no such action
  resource(Piece, { actions: ['remove'] })
  expect(routes).toHaveLength(6)
})
