// Serves the same routes by each adapter, and asks them without a socket.
import fastify from 'fastify'
import { frameworkErrors, goose } from 'goose-odm/fastify'
import { httpHandler, type Route } from 'goose-odm/http'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // What a body is, each test says itself.
  readonly body: Readonly<Record<string, unknown>>
}

export interface Asking {
  readonly body?: unknown
  /** Sent as it is, instead of a body made of JSON. */
  readonly raw?: string | Buffer<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestServer {
  ask(method: string, path: string, asking?: Asking): Promise<Reply>
  /** The errors that the log was told. */
  readonly logged: readonly unknown[]
  close(): Promise<void>
}

export type Opened = (routes: readonly (Route | readonly Route[])[]) => Promise<TestServer>

/** Each adapter by name. */
export const adapters: readonly (readonly [name: string, open: Opened])[] = [
  ['fastify', openFastify],
  ['http', openHandler],
]

const users: Readonly<Record<string, string>> = { 'Bearer ada': 'ada', 'Bearer eve': 'eve' }

/** Knows who asks by a token; a wrong one is an error of the application's own. */
function userOf(authorization: string | null | undefined): string | undefined {
  if (!authorization) return undefined
  const user = users[authorization]
  if (user) return user
  throw Object.assign(new Error('the token is not known'), { statusCode: 401 })
}

async function openFastify(routes: readonly (Route | readonly Route[])[]): Promise<TestServer> {
  const logged: unknown[] = []
  const app = fastify({ bodyLimit: 10_000, frameworkErrors })
  app.addHook('onRequest', async request => {
    request.log = { ...request.log, error: (given: { err: unknown }) => void logged.push(given.err) } as never
  })
  await app.register(goose, { routes, user: request => userOf(request.headers.authorization) })
  await app.ready()
  return {
    logged,
    ask: async (method, path, { body, raw, headers = {} } = {}) => {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const response = await app.inject({
        method: method as 'GET',
        url: path,
        headers: withType(headers, payload),
        ...(payload === undefined ? {} : { payload }),
      })
      return replyOf(response.statusCode, response.headers as Record<string, string>, response.body)
    },
    close: () => app.close(),
  }
}

async function openHandler(routes: readonly (Route | readonly Route[])[]): Promise<TestServer> {
  const logged: unknown[] = []
  const handler = httpHandler({
    routes,
    bodyLimit: 10_000,
    user: request => userOf(request.headers.get('authorization')),
    onError: error => void logged.push(error),
  })
  return {
    logged,
    ask: async (method, path, { body, raw, headers = {} } = {}) => {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const init = { method, headers: withType(headers, payload), ...(payload === undefined ? {} : { body: payload }) }
      const response = await handler(new Request(`http://localhost${path}`, init), { ipAddress: '127.0.0.1' })
      return replyOf(response.status, Object.fromEntries(response.headers), await response.text())
    },
    close: () => handler.close(),
  }
}

function withType(headers: Readonly<Record<string, string>>, payload: unknown): Record<string, string> {
  return payload === undefined ? headers : { 'content-type': 'application/json', ...headers }
}

function replyOf(status: number, headers: Readonly<Record<string, string>>, text: string): Reply {
  const isJson = /json/.test(headers['content-type'] ?? '')
  return { status, headers, text, body: isJson && text ? JSON.parse(text) : {} }
}
