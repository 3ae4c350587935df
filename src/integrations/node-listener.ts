// Lets node:http serve a web handler: makes a Request of what came in, and sends its Response.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GooseError } from '../errors.ts'
import type { Handler } from './handler.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'

/** Makes the listener of a `node:http` server.
 *
 * ```ts
 * import { createServer } from 'node:http'
 * const handler = httpHandler({ routes: [resource(Post)] })
 * const server = createServer(nodeListener(handler)).listen(0)
 * server.close()
 * ```
 */
export function nodeListener(handler: Handler): (request: IncomingMessage, response: ServerResponse) => void {
  return (incoming, outgoing) => {
    void serve(handler, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

/** Methods that no Request may have. */
const unasked = new Set(['TRACE', 'TRACK', 'CONNECT'])

function refuse({ method, url }: IncomingMessage, outgoing: ServerResponse): void {
  const path = String(url).split('?', 1)[0]!
  const problem = problemOf(new GooseError('METHOD_REFUSED', { method, path }), { instance: path })
  outgoing.writeHead(problem.status, { 'content-type': PROBLEM_TYPE }).end(JSON.stringify(problem))
}

async function serve(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (unasked.has(incoming.method ?? '')) return refuse(incoming, outgoing)
  const response = await handler(requestOf(incoming), { ipAddress: incoming.socket.remoteAddress })
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  outgoing.writeHead(response.status)
  if (!response.body) outgoing.end()
  else await pipeline(Readable.fromWeb(response.body as never), outgoing)
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', headers, url = '/' } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const given = new Headers()
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) if (!name.startsWith(':')) given.append(name, one)
  // The path may be anything a client sends; what is not one becomes a path that no route has.
  const path = url.startsWith('/') ? url : `/${url}`
  return new Request(`http://localhost${path}`, {
    method,
    headers: given,
    ...(hasBody ? { body: Readable.toWeb(incoming) as never, duplex: 'half' } : {}),
  } as RequestInit)
}
