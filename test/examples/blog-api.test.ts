// The blog API as a process, asked over HTTP: its routes, its README, start and stop, a lost database, many at once.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyExample } from '../support/copied-example.ts'
import { type OtherProcess, programOf, runBeside } from '../support/other-process.ts'

const root = resolve(import.meta.dirname, '../..')
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
const folder = mkdtempSync(join(tmpdir(), 'goose-blog-api-'))
const entry = join(folder, 'blog-api/server.ts')
const running: OtherProcess[] = []

interface Blog {
  readonly process: OtherProcess
  ask(method: string, path: string, asking?: Asking): Promise<Reply>
}

interface Asking {
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: { readonly [name: string]: never }
}

beforeAll(() => {
  copyExample('blog-api', join(folder, 'blog-api'))
}, 240_000)
afterAll(() => {
  for (const one of running) one.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function start(uri: string): Promise<Blog> {
  const env = { MONGODB_URI: uri, PORT: '0' }
  const process = runBeside(jiti, [entry], env)
  running.push(process)
  const address = /http:\/\/[\w.:]+/.exec(await process.line('The blog listens at'))![0]
  const ask: Blog['ask'] = async (method, path, { body, token, headers } = {}) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : ({ text } as never) }
  }
  return { process, ask }
}

async function signUp(blog: Blog, name: string): Promise<{ readonly id: string; readonly token: string }> {
  const { status, body } = await blog.ask('POST', '/users', { body: { name, email: `${name}@example.org` } })
  expect(status).toBe(201)
  return { id: (body.user as unknown as { _id: string })._id, token: body.token! }
}

describe('on a database', () => {
  const name = `goose_test_blog_api_${process.pid}`
  const server = process.env.GOOSE_TEST_URI
  const uri = server ? new URL(`/${name}${new URL(server).search}`, server).href : `embedded:${folder}/data`
  let blog: Blog
  beforeAll(async () => {
    blog = await start(uri)
  }, 60_000)
  afterAll(async () => {
    if (!server) return
    const client = await MongoClient.connect(server)
    await client.db(name).dropDatabase()
    await client.close()
  })

  test('users sign up, write, comment and read; others cannot touch what is theirs', async () => {
    const [ada, eve] = [await signUp(blog, 'ada'), await signUp(blog, 'eve')]
    const again = await blog.ask('POST', '/users', { body: { name: 'ada', email: 'ada@example.org' } })
    expect(again).toMatchObject({ status: 409, body: { code: 'DUPLICATE_KEY' } })

    const post = { title: 'Notes', body: 'On the engine', tags: ['history'] }
    expect(await blog.ask('POST', '/posts', { body: post })).toMatchObject({ status: 401 })
    const made = await blog.ask('POST', '/posts', { body: post, token: ada.token })
    expect(made).toMatchObject({ status: 201, body: { ...post, author: { _id: ada.id, name: 'ada' }, views: 0 } })
    const at = made.headers.get('location')!

    for (const body of [{ author: eve.id }, { views: 1000 }, { deletedAt: null }, { _v: 7 }])
      expect(await blog.ask('PATCH', at, { body, token: ada.token })).toMatchObject({ status: 422 })
    expect(await blog.ask('PATCH', at, { body: { title: 'Mine' }, token: eve.token })).toMatchObject({ status: 403 })
    expect(await blog.ask('PATCH', at, { body: { title: 'New' }, token: ada.token })).toMatchObject({ status: 200 })

    const remark = { body: { text: 'Where can I get one?' }, token: eve.token }
    const said = await blog.ask('POST', `${at}/comments`, remark)
    expect(said).toMatchObject({ status: 201, body: { text: 'Where can I get one?', author: eve.id } })
    expect(said.body.post).toBe(made.body._id)
    const comments = await blog.ask('GET', `${at}/comments`)
    expect(comments.body).toMatchObject({ total: 1, items: [{ author: { name: 'eve' } }] })
    expect(JSON.stringify(comments.body)).not.toMatch(/example\.org|token/)
    const gone = `/comments/${said.body._id}`
    expect((await blog.ask('DELETE', gone, { token: ada.token })).status).toBe(403)
    expect((await blog.ask('DELETE', gone, { token: eve.token })).status).toBe(204)

    const listed = await blog.ask('GET', `/posts?author=${ada.id}&tags=history`)
    expect(listed.body).toMatchObject({ total: 1, items: [{ title: 'New', author: { _id: ada.id, name: 'ada' } }] })
    expect((await blog.ask('DELETE', at, { token: ada.token })).status).toBe(204)
    expect(await blog.ask('GET', at)).toMatchObject({ status: 404, body: { code: 'DOCUMENT_NOT_FOUND' } })
    expect((await blog.ask('GET', `${at}/comments`)).status).toBe(404)
  })

  test('a path that no server can read, and a version that is no longer there, are problems', async () => {
    const { token } = await signUp(blog, 'mallory')
    expect(await blog.ask('GET', '/posts/%E0%A4%A')).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
    const made = await blog.ask('POST', '/posts', { body: { title: 'One', body: '' }, token })
    const at = made.headers.get('location')!
    const asking = { body: { title: 'Two' }, token, headers: { 'if-match': made.headers.get('etag')! } }
    expect(await blog.ask('PATCH', at, asking)).toMatchObject({ status: 200, body: { author: { name: 'mallory' } } })
    expect(await blog.ask('PATCH', at, asking)).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } })
  })

  test('a hundred requests at once are all answered, and each one’s writes are kept', async () => {
    const { id, token } = await signUp(blog, 'grace')
    const post = (await blog.ask('POST', '/posts', { body: { title: 'Bug', body: 'A moth' }, token })).body._id
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        if (n % 4 === 0) return blog.ask('GET', `/posts?author=${id}`)
        if (n % 20 === 1) return blog.ask('POST', '/posts', { body: { title: `Post ${n}`, body: '' }, token })
        return blog.ask('POST', `/posts/${post}/comments`, { body: { text: `Comment ${n}` }, token })
      }),
    )
    expect(replies.filter(({ status }) => status >= 300)).toEqual([])
    expect((await blog.ask('GET', `/posts?author=${id}`)).body.total).toBe(6)
    expect((await blog.ask('GET', `/posts/${post}/comments`)).body.total).toBe(70)
  })

  test('every route of its README is in its OpenAPI document, and the other way round', async () => {
    const { paths } = (await blog.ask('GET', '/openapi.json')).body
    const described = Object.entries(paths as unknown as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    const readme = readFileSync(join(root, 'examples/blog-api/README.md'), 'utf8')
    const listed = [...readme.matchAll(/`([A-Z]+ \/[\w/{}]*)`/g)].map(match => match[1])
    expect([...new Set(listed)].sort()).toEqual(described.sort())
    expect((await blog.ask('GET', '/docs')).body.text).toContain('<h1>Blog')
  })

  test('it stops when it is told to, and what it stored is there when it starts again', async () => {
    blog.process.kill('SIGTERM')
    expect(await blog.process.ended).toBe(0)
    blog = await start(uri)
    expect((await blog.ask('GET', '/users?size=1')).body.total).toBe(4)
  })
})

test('without a database it does not start, and says why in one line', () => {
  const env = { ...process.env, MONGODB_URI: 'mongodb://root:hunter2@127.0.0.1:1/', PORT: '0' }
  const started = spawnSync(process.execPath, [jiti, entry], {
    env,
    encoding: 'utf8',
  })
  expect(started).toMatchObject({ status: 1, stdout: '' })
  expect(started.stderr).toMatch(
    /^The blog cannot start: not connected: .*nothing listens at 127\.0\.0\.1:1 \(ECONNREFUSED\)\n$/,
  )
  expect(started.stderr).not.toContain('hunter2')
}, 60_000)

test('when the database is lost it says so, and goes on when it is back', async () => {
  const program = await programOf(
    'blog-api-database',
    'console.log((await startEmbedded({ path, port: Number(given[0]) })).uri)',
  )
  const port = String(await freePort())
  const database = () => {
    const started = runBeside(program, [join(folder, 'lost'), port])
    running.push(started)
    return started
  }
  let server = database()
  const blog = await start(await server.line('mongodb://'))
  await signUp(blog, 'linus')
  server.kill()
  await server.ended
  for (const path of ['/health', '/users']) {
    const { status, body, headers } = await blog.ask('GET', path)
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect({ status, ...body }).toMatchObject({ status: 503, code: 'NOT_CONNECTED', instance: path })
    expect(JSON.stringify(body)).not.toContain(port)
  }
  server = database()
  await server.line('mongodb://')
  expect(await blog.ask('GET', '/users')).toMatchObject({ status: 200, body: { total: 1 } })
  blog.process.kill('SIGINT')
  expect(await blog.process.ended).toBe(0)
}, 90_000)

function freePort(): Promise<number> {
  return new Promise(found => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
