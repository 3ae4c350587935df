// Resources over both adapters: what a client can do, and what it is told.
import { connection } from 'goose-odm'
import { resource } from 'goose-odm/http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Gauge, Note, Person, Shelf } from '../support/http-models.ts'
import { adapters, type Reply, type TestServer } from '../support/http-servers.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('http_resource')

const routes = [
  resource(Person, { path: '/people', filter: ['role', 'born'], sort: ['name'], serverSet: ['role', 'devices'] }),
  resource(Note, {
    path: '/notes',
    filter: ['title', 'author', 'tags', 'views', 'createdAt', '_id'],
    sort: ['title', 'views', 'createdAt'],
    defaultSort: 'title',
    populate: ['author', 'remarks.by'],
    serverSet: ['views'],
    sizes: { size: 2, most: 50 },
  }),
  resource(Gauge, { path: '/gauges', actions: ['list', 'get', 'create', 'replace'] }),
  resource(Shelf, { path: '/shelves' }),
  resource(Note, {
    path: '/own',
    filter: ['title'],
    only: ({ actor }) => ({ owner: String(actor.userId), tags: { $in: ['open', 'shut'] }, views: { $lt: 100 } }),
  }),
]

describe.each(adapters)('%s', (_, open) => {
  let server: TestServer
  beforeAll(async () => {
    server = await open(routes)
    await Person.syncIndexes()
  })
  afterAll(() => server.close())

  let ada: Person
  let notes: readonly Note[]
  beforeEach(async () => {
    ada = await Person.create({
      name: 'Ada',
      email: 'ada@example.org',
      password: 'lovelace1815',
      devices: [{ name: 'engine', token: 'tkn-nested' }],
    })
    notes = await Note.insertMany(
      ['a', 'b', 'c', 'd', 'e'].map((title, i) => ({
        title,
        author: ada,
        views: i * 10,
        tags: [i % 2 ? 'odd' : 'even'],
        remarks: [{ by: ada, text: 'hm' }],
      })),
    )
  })
  const items = async (query: string) => (await server.ask('GET', `/notes?${query}`)).body.items as Note[]
  const titles = async (query: string) => (await items(query)).map(({ title }) => title).join('')

  test('a document is created, read, changed, replaced and deleted', async () => {
    const made = await server.ask('POST', '/notes', {
      body: {
        title: 'new',
        author: ada._id.toHexString(),
        price: '19.90',
        bytes: '9007199254740993',
        due: '2026-01-02',
      },
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      title: 'new',
      author: ada._id.toHexString(),
      views: 0,
      price: '19.90',
      bytes: '9007199254740993',
      due: '2026-01-02T00:00:00.000Z',
    })
    const at = made.headers.location!
    expect(at).toBe(`/notes/${made.body._id}`)
    expect((await server.ask('GET', at)).body).toEqual(made.body)

    const changed = await server.ask('PATCH', at, { body: { text: 'more', due: null } })
    expect(changed).toMatchObject({ status: 200, body: { title: 'new', text: 'more', due: null, price: '19.90' } })

    const replaced = await server.ask('PUT', at, { body: { title: 'other', author: ada._id.toHexString() } })
    expect(replaced).toMatchObject({ status: 200, body: { title: 'other', text: '' } })
    expect(replaced.body).not.toHaveProperty('price')
    expect((await server.ask('GET', at)).body).toEqual(replaced.body)

    expect(await server.ask('DELETE', at)).toMatchObject({ status: 204, text: '' })
    expect(await server.ask('GET', at)).toMatchObject({ status: 404, body: { code: 'DOCUMENT_NOT_FOUND' } })
  })

  test('lists go by page, with the total', async () => {
    const { body } = await server.ask('GET', '/notes?page=2&size=2')
    expect(body).toMatchObject({ total: 5, page: 2, pages: 3, hasNext: true, hasPrevious: true })
    expect((body.items as Note[]).map(({ title }) => title)).toEqual(['c', 'd'])
  })

  test('lists go by cursor, forward and back', async () => {
    const seen: string[] = []
    let after = ''
    for (let i = 0; i < 3; i++) {
      const { body } = await server.ask('GET', `/notes?sort=-views&after=${after}`)
      seen.push(...(body.items as Note[]).map(({ title }) => title))
      after = String(body.next)
    }
    expect([...seen, after]).toEqual(['e', 'd', 'c', 'b', 'a', 'null'])
    const { body } = await server.ask('GET', '/notes?sort=-views&before=')
    expect((body.items as Note[]).map(({ title }) => title)).toEqual(['b', 'a'])
  })

  test('lists are narrowed by the fields that are allowed, with bounds for numbers and dates', async () => {
    expect(await titles('views[gte]=10&views[lt]=30&size=50')).toBe('bc')
    expect(await titles('tags=odd&size=50')).toBe('bd')
    expect(await titles('title=a&title=e&size=50')).toBe('ae')
    expect(await titles(`author=${ada._id.toHexString()}&sort=-title&size=50`)).toBe('edcba')
    expect(await titles(`createdAt[gt]=${encodeURIComponent(new Date().toISOString())}&size=50`)).toBe('')
    expect(await titles(`_id=${notes[2]!._id.toHexString()}`)).toBe('c')
  })

  test('references are ids until they are asked for, then documents without their secrets', async () => {
    expect((await items(''))[0]?.author).toBe(ada._id.toHexString())
    const [first] = await items('populate=author,remarks.by')
    expect(first).toMatchObject({ author: { name: 'Ada' }, remarks: [{ by: { name: 'Ada' }, text: 'hm' }] })
    const { text } = await server.ask('GET', `/notes/${notes[0]!._id.toHexString()}?populate=author,remarks.by`)
    expect(JSON.parse(text)).toMatchObject({ title: 'a', author: { email: 'ada@example.org' } })
    expect(text).not.toMatch(/password|hashed|tkn-nested|lovelace/)
  })

  test('a list shows null for what a document refers to and is gone', async () => {
    await (await Person.collection()).deleteMany({})
    expect((await items('populate=author'))[0]?.author).toBeNull()
  })

  test('secret fields never are in an answer, nor are stored ones that no model declares', async () => {
    await (await Person.collection()).updateMany({}, { $set: { legacyPassword: 'in clear', 'devices.0.pin': '1234' } })
    const { text } = await server.ask('GET', '/people')
    expect(text).toContain('"devices":[{"name":"engine"}]')
    expect(text).not.toMatch(/passwordHash|hashed|tkn-nested|lovelace|legacy|1234/)
  })

  test('an id of another type is read from the path, and a toJSON of one’s own is what is shown', async () => {
    const made = await server.ask('POST', '/gauges', { body: { _id: 7, label: 'deep' } })
    expect([made.status, made.headers.location]).toEqual([201, '/gauges/7'])
    const nameless = await server.ask('POST', '/gauges', { body: { label: 'deep' } })
    expect(nameless).toMatchObject({ status: 422, body: { issues: [{ path: '_id', message: 'is required' }] } })
    const moved = await server.ask('PUT', '/gauges/7', { body: { _id: 8, label: 'deep' } })
    expect(moved).toMatchObject({ status: 422, body: { issues: [{ path: '_id' }] } })
    expect(await server.ask('PUT', '/gauges/7', { body: { label: 'deep' } })).toMatchObject({ status: 200 })
    expect(await server.ask('GET', '/gauges/7')).toMatchObject({ status: 200, body: { _id: 7, shout: 'DEEP' } })
    expect(await server.ask('GET', '/gauges/seven')).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
  })

  test('what a resource does not offer is not there', async () => {
    const refused = await server.ask('DELETE', '/gauges/7')
    expect(refused).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, HEAD, OPTIONS' } })
    expect(await server.ask('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } })
  })

  test('a duplicate and a change overtaken are conflicts', async () => {
    const body = { name: 'Other', email: 'ada@example.org' }
    const made = await server.ask('POST', '/people', { body })
    expect(made).toMatchObject({ status: 409, body: { code: 'DUPLICATE_KEY', title: 'Conflict', instance: '/people' } })

    const at = `/notes/${notes[0]!._id.toHexString()}`
    const changes = await Promise.all([1, 2, 3, 4].map(n => server.ask('PATCH', at, { body: { text: `by ${n}` } })))
    expect(changes.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    for (const { status, body: said } of changes)
      if (status !== 200) expect(said).toMatchObject({ status: 409, code: 'VERSION_CONFLICT' })
  })

  test('an id of any text has an address', async () => {
    const _id = 'a b/é?\n#'
    const made = await server.ask('POST', '/shelves', { body: { _id, bytes: 'AQID' } })
    expect(made).toMatchObject({ status: 201, headers: { location: '/shelves/a%20b%2F%C3%A9%3F%0A%23' } })
    expect((await server.ask('GET', made.headers.location!)).body).toEqual({ _id, bytes: 'AQID', deletedAt: null })
    const bad = await server.ask('PATCH', made.headers.location!, { body: { bytes: 'no base64!' } })
    expect(bad).toMatchObject({ status: 422, body: { issues: [{ path: 'bytes' }] } })
  })

  test('a change can ask for the version that was read', async () => {
    const at = `/notes/${notes[0]!._id.toHexString()}`
    const { headers } = await server.ask('GET', at)
    expect(headers.etag).toBe('"0"')
    const change = (text: string, match: string) =>
      server.ask('PATCH', at, { body: { text }, headers: { 'if-match': match } })
    expect(await change('first', headers.etag!)).toMatchObject({ status: 200, headers: { etag: '"1"' } })
    expect(await change('late', headers.etag!)).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
    const gone = await server.ask('DELETE', at, { headers: { 'if-match': '"0"' } })
    expect(gone.status).toBe(412)
    expect(await change('second', '"7", W/"1"')).toMatchObject({ status: 200 })
    expect(await change('third', '*')).toMatchObject({ status: 200, body: { text: 'third' } })
    const unversioned = `/people/${ada._id.toHexString()}`
    expect((await server.ask('GET', unversioned)).headers).not.toHaveProperty('etag')
    const guessed = await server.ask('PATCH', unversioned, { body: { name: 'x' }, headers: { 'if-match': '"1"' } })
    expect(guessed.status).toBe(412)
  })

  test('what a request cannot see it cannot read, change, or make', async () => {
    const headers = { authorization: 'Bearer ada' }
    const body = { title: 'mine', author: ada._id.toHexString(), owner: 'ada', tags: ['open'] }
    const made = await server.ask('POST', '/own', { body, headers })
    expect(made.status).toBe(201)
    const at = made.headers.location!
    const others = { authorization: 'Bearer eve' }
    for (const method of ['GET', 'DELETE'])
      expect((await server.ask(method, at, { headers: others })).status, method).toBe(404)
    expect((await server.ask('GET', '/own', { headers: others })).body).toMatchObject({ total: 0 })

    const outside = (reply: Reply, ...paths: string[]) => {
      const issues = paths.map(path => ({ path, message: 'is outside of what this request can see' }))
      expect(reply).toMatchObject({ status: 422, body: { code: 'VALIDATION_FAILED', issues } })
    }
    outside(await server.ask('POST', '/own', { body: { ...body, owner: 'eve' }, headers }), 'owner')
    outside(await server.ask('PATCH', at, { body: { owner: 'eve', tags: ['other'] }, headers }), 'owner', 'tags')
    outside(await server.ask('PUT', at, { body: { ...body, owner: undefined }, headers }), 'owner')
    expect((await server.ask('PATCH', at, { body: { title: 'still mine', owner: 'ada' }, headers })).status).toBe(200)
    expect(await Note.find({ owner: { $exists: true } }).all()).toMatchObject([{ title: 'still mine', owner: 'ada' }])
  })

  test('a soft-deleted document is gone from every route, and stays in the database', async () => {
    const made = await server.ask('POST', '/shelves', { body: { _id: 'old' } })
    expect((await server.ask('DELETE', '/shelves/old')).status).toBe(204)
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const asking = method === 'GET' ? {} : { body: {} }
      expect((await server.ask(method, made.headers.location!, asking)).status, method).toBe(404)
    }
    expect((await server.ask('GET', '/shelves')).body).toMatchObject({ total: 0 })
    expect(await Shelf.find().includeDeleted().count()).toBe(1)
  })

  test('changes are audited with the request and the user the application knows, not one that a client claims', async () => {
    const headers = { 'x-request-id': 'trace-42', 'x-user-id': 'admin', authorization: 'Bearer ada' }
    const made = await server.ask('POST', '/notes', { body: { title: 'mine', author: ada._id.toHexString() }, headers })
    expect(made.headers['x-request-id']).toBe('trace-42')
    const log = connection().db.collection('_audit_log')
    const [entry] = await log.find({ 'by.requestId': 'trace-42' }).toArray()
    expect(entry).toMatchObject({
      operation: 'insert',
      by: { userId: 'ada', requestId: 'trace-42', ipAddress: '127.0.0.1' },
    })

    await server.ask('POST', '/notes', {
      body: { title: 'nobody', author: ada._id.toHexString() },
      headers: { 'x-request-id': 'not an id\t', 'x-user-id': 'admin' },
    })
    const [other] = await log.find({ 'changes.title.to': 'nobody' }).toArray()
    expect(other?.by).not.toHaveProperty('userId')
    expect(other?.by.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('requests side by side keep to their own user', async () => {
    const create = (user: string, n: number) =>
      server.ask('POST', '/notes', {
        body: { title: `${user} ${n}`, author: ada._id.toHexString() },
        headers: { authorization: `Bearer ${user}` },
      })
    await Promise.all(Array.from({ length: 8 }, (_, n) => create(n % 2 ? 'ada' : 'eve', n)))
    const entries = await connection()
      .db.collection('_audit_log')
      .find({ 'by.userId': { $exists: true } })
      .toArray()
    expect(entries).toHaveLength(8)
    for (const { changes, by } of entries) expect(changes.title.to.split(' ')[0]).toBe(by.userId)
  })
})
