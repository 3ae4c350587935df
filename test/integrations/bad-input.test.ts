// What must not get through, over both adapters: each is refused with its status and a problem document.
import { GooseError } from 'goose-odm'
import { createSchema, resource, route } from 'goose-odm/http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Note, Person } from '../support/http-models.ts'
import { adapters, type Reply, type TestServer } from '../support/http-servers.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('http_bad_input')

const filter = ['role', 'name'] as const
const routes = [
  resource(Person, { path: '/people', filter, sort: ['name'], serverSet: ['role'] }),
  resource(Note, { path: '/notes', sort: ['title'], populate: ['author'], serverSet: ['views'] }),
  route({
    method: 'GET',
    path: '/broken',
    handle: () => {
      throw new Error('the key of mongodb://root:hunter2@db is wrong')
    },
  }),
  route({
    method: 'GET',
    path: '/key',
    handle: () => {
      throw new GooseError('DECRYPTION_FAILED', { model: 'Person', path: 'taxId', key: 'k1', reason: 'bad tag' })
    },
  }),
  route({
    method: 'GET',
    path: '/refused',
    handle: () => {
      throw Object.assign(new Error('only the author may'), { status: 403 })
    },
  }),
]

describe.each(adapters)('%s', (_, open) => {
  let server: TestServer
  beforeAll(async () => {
    server = await open(routes)
  })
  afterAll(() => server.close())

  const eve = { name: 'Eve', email: 'eve@example.org' }
  const id = '65f0a1b2c3d4e5f607182930'
  beforeEach(() => Person.create({ name: 'Ada', email: 'ada@example.org', password: 'lovelace1815' }))

  function expectProblem(reply: Reply, status: number, code: string): void {
    expect(reply.body).toMatchObject({ type: 'about:blank', status, code })
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(reply.body.requestId).toBe(reply.headers['x-request-id'])
    expect(reply.body.detail).toBeTruthy()
    expect(reply.text).not.toMatch(/\bat .*:\d+:\d+|stack|node_modules/)
  }
  const issuePaths = ({ body }: Reply) => (body.issues as { readonly path: string }[]).map(({ path }) => path)

  test.each([
    '?name[$ne]=x',
    '?name[%24ne]=x',
    '?name[$regex]=.*',
    '?$where=sleep(1000)',
    '?name[gte]=a',
    '?passwordHash=hashed',
    '?passwordHash[gt]=a',
    '?email=ada@example.org',
    '?__proto__=x',
    '?__proto__[admin]=1',
    '?constructor=x',
    '?page=0',
    '?size=101',
    '?size=1e9',
    '?size=ten',
    '?page=1&page=2',
    '?sort=passwordHash',
    '?sort=-email',
    '?populate=name',
    '?page=2&after=',
  ])('a list that is asked %s is refused', async query => {
    expectProblem(await server.ask('GET', `/people${query}`), 400, 'REQUEST_INVALID')
  })

  test('an operator as a value is a value', async () => {
    expect((await server.ask('GET', '/people?name=%7B%22%24ne%22%3Anull%7D')).body).toMatchObject({ total: 0 })
    expect((await server.ask('GET', '/people?name=$ne')).body).toMatchObject({ total: 0 })
  })

  test.each(['not-an-id', '65f0', '%00', '$ne', `${id}0`, '[object Object]'])('the id %s is refused', async bad => {
    for (const method of ['GET', 'DELETE'])
      expectProblem(await server.ask(method, `/people/${encodeURIComponent(bad)}`), 400, 'REQUEST_INVALID')
  })

  test('an id that nothing has is not found', async () => {
    expectProblem(await server.ask('GET', `/people/${id}`), 404, 'DOCUMENT_NOT_FOUND')
    expectProblem(await server.ask('PATCH', `/people/${id}`, { body: { name: 'x' } }), 404, 'DOCUMENT_NOT_FOUND')
    expectProblem(await server.ask('DELETE', `/people/${id}`), 404, 'DOCUMENT_NOT_FOUND')
  })

  test.each(['x', 'bm90IGEgY3Vyc29y', Buffer.from('{"h":"x","v":[{"$ne":1}]}').toString('base64url')])(
    'the cursor %s is refused',
    async cursor => expectProblem(await server.ask('GET', `/people?after=${cursor}`), 400, 'INVALID_CURSOR'),
  )

  test('a cursor of another question is refused', async () => {
    await Person.create(eve)
    const { body } = await server.ask('GET', '/people?sort=name&after=&size=1')
    expectProblem(await server.ask('GET', `/people?sort=-name&after=${body.next}`), 400, 'INVALID_CURSOR')
    expectProblem(await server.ask('GET', `/people?after=${'x'.repeat(5000)}`), 400, 'REQUEST_INVALID')
  })

  test('a body that does not fit is told by path', async () => {
    const body = { name: '', email: 'nowhere', born: 'yesterday', password: 'short' }
    const reply = await server.ask('POST', '/people', { body })
    expectProblem(reply, 422, 'VALIDATION_FAILED')
    expect(issuePaths(reply)).toEqual(['name', 'email', 'born', 'password'])
    expect(reply.text).not.toContain('short')
    expect(issuePaths(await server.ask('POST', '/people', { body: {} }))).toEqual(['name', 'email'])
  })

  test.each([
    ['_id', id],
    ['role', 'admin'],
    ['passwordHash', 'x'],
    ['createdAt', '2020-01-01'],
    ['isAdmin', true],
    ['$set', { role: 'admin' }],
    ['devices.0.token', 'x'],
  ])('a client cannot set %s', async (name, value) => {
    const made = await server.ask('POST', '/people', { body: { ...eve, [name]: value } })
    expectProblem(made, 422, 'VALIDATION_FAILED')
    expect(issuePaths(made)).toEqual([name])
    const [ada] = await Person.find().all()
    const changed = await server.ask('PATCH', `/people/${ada!._id}`, { body: { [name]: value } })
    expectProblem(changed, 422, 'VALIDATION_FAILED')
    expect(await Person.count({ role: 'admin' })).toBe(0)
  })

  test('a secret field inside an embedded one is not a client’s to set', () => {
    const said = createSchema(Person).safeParse({ ...eve, devices: [{ name: 'phone', token: 'mine' }] })
    expect(said.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['token'], path: ['devices', 0] }])
  })

  test.each([
    '{"name":"Eve","__proto__":{"role":"admin"}}',
    '{"name":"Eve","devices":[{"__proto__":{"x":1}}]}',
    '{"constructor":{"prototype":{"role":"admin"}}}',
  ])('the body %s reaches no prototype', async raw => {
    expectProblem(await server.ask('POST', '/people', { raw }), 400, 'REQUEST_INVALID')
    expect(({} as { role?: string }).role).toBeUndefined()
  })

  test.each([
    [400, '{', 'REQUEST_INVALID', {}],
    [422, '[]', 'VALIDATION_FAILED', {}],
    [422, '"text"', 'VALIDATION_FAILED', {}],
    [422, 'null', 'VALIDATION_FAILED', {}],
    [413, `[${'1,'.repeat(6000)}1]`, 'BODY_TOO_LARGE', {}],
    [415, 'name=Eve', 'MEDIA_TYPE_REFUSED', { 'content-type': 'application/x-www-form-urlencoded' }],
    [415, '<name>', 'MEDIA_TYPE_REFUSED', { 'content-type': 'application/xml' }],
  ] as const)('%i is the answer to the body %s', async (status, raw, code, headers) => {
    expectProblem(await server.ask('POST', '/people', { raw, headers }), status, code)
  })

  test.each([
    ['none at all', {}, 422, 'VALIDATION_FAILED'],
    ['none, as JSON', { headers: { 'content-type': 'application/json' } }, 422, 'VALIDATION_FAILED'],
    ['text', { raw: '{}', headers: { 'content-type': 'text/plain' } }, 415, 'MEDIA_TYPE_REFUSED'],
    ['JSON in another charset’s bytes', { raw: Buffer.from('{"name":"\xe9"}', 'latin1') }, 400, 'REQUEST_INVALID'],
    ['a thousand lists deep', { raw: `${'['.repeat(1000)}${']'.repeat(1000)}` }, 400, 'REQUEST_INVALID'],
    ['a text a thousand levels deep', { raw: '{"name":'.repeat(1000) }, 400, 'REQUEST_INVALID'],
  ] as const)('a body that is %s is refused', async (_name, asking, status, code) => {
    expectProblem(await server.ask('POST', '/people', asking), status, code)
  })

  test('a body is as good as none for a route that asks for none', async () => {
    const headers = { 'content-type': 'application/json' }
    expectProblem(await server.ask('DELETE', `/people/${id}`, { headers }), 404, 'DOCUMENT_NOT_FOUND')
  })

  test.each(['/%', '/people/%E0%A4%A', '/nothing', '//people', '/people//', '/people/x/y'])(
    'the path %s is a problem',
    async path => {
      const reply = await server.ask('GET', path)
      expectProblem(reply, reply.status, String(reply.body.code))
      expect([400, 404]).toContain(reply.status)
    },
  )

  test('an id that is far too long is a problem', async () => {
    const reply = await server.ask('GET', `/people/${'a'.repeat(5000)}`)
    expectProblem(reply, reply.status, String(reply.body.code))
    expect([400, 414]).toContain(reply.status)
  })

  test('a method that a path does not take is told with those it takes', async () => {
    const refused = await server.ask('PUT', '/people', { body: eve })
    expectProblem(refused, 405, 'METHOD_REFUSED')
    const asked = await server.ask('OPTIONS', '/people')
    expect([asked.status, asked.text]).toEqual([204, ''])
    for (const { headers } of [refused, asked]) expect(headers.allow).toBe('GET, POST, HEAD, OPTIONS')
    expectProblem(await server.ask('OPTIONS', '/nothing'), 404, 'ROUTE_NOT_FOUND')
  })

  test('HEAD tells what GET would, and no more', async () => {
    expect(await server.ask('HEAD', '/people')).toMatchObject({ status: 200, text: '' })
    const missing = await server.ask('HEAD', `/people/${id}`)
    expect([missing.status, missing.text]).toEqual([404, ''])
  })

  test('a reference to something that is no id is told by path', async () => {
    const reply = await server.ask('POST', '/notes', { body: { title: 'a', author: { $ne: null } } })
    expectProblem(reply, 422, 'VALIDATION_FAILED')
    expect(issuePaths(reply)).toEqual(['author'])
  })

  test('an error of the program tells the client nothing and the log everything', async () => {
    const before = server.logged.length
    const reply = await server.ask('GET', '/broken')
    expectProblem(reply, 500, 'INTERNAL_SERVER_ERROR')
    expect(reply.text).not.toMatch(/hunter2|mongodb/)
    expect((server.logged[before] as Error).message).toContain('is wrong')
    const key = await server.ask('GET', '/key')
    expectProblem(key, 500, 'DECRYPTION_FAILED')
    expect(key.text).not.toMatch(/taxId|k1|GOOSE_KEYS/)
  })

  test('an application’s own refusals keep their status', async () => {
    expectProblem(await server.ask('GET', '/refused'), 403, 'FORBIDDEN')
    const unknown = await server.ask('GET', '/people', { headers: { authorization: 'Bearer nobody' } })
    expectProblem(unknown, 401, 'UNAUTHORIZED')
    expect(unknown.body.detail).toBe('the token is not known')
  })
})

test('a resource refuses to be made where it would tell secrets, or names what is not there', () => {
  expect(() => resource(Person, { filter: ['passwordHash'] })).toThrow(/secret/)
  expect(() => resource(Person, { sort: ['devices.token'] })).toThrow(/secret/)
  expect(() => resource(Person, { filter: ['password'] })).toThrow(/not stored/)
  expect(() => resource(Person, { filter: ['nmae'] as never })).toThrow('HttpPerson has no path "nmae"')
  expect(() => resource(Note, { populate: ['autor' as 'author'] })).toThrow('HttpNote has no path "autor"')
  expect(() => resource(Note, { serverSet: ['veiws' as 'views'] })).toThrow('HttpNote has no path "veiws"')
})
