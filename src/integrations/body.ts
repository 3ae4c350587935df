// Reads the JSON body of a request: within a limit, and without what would reach into prototypes.
import { GooseError } from '../errors.ts'
import { refusalOf } from './checking.ts'
import { RequestInvalid } from './request-invalid.ts'

/** The size of a body that is taken where no limit is given: a mebibyte, as fastify has it. */
export const BODY_LIMIT = 1_048_576

/** Reads the body of a request as JSON. Throws `BODY_TOO_LARGE`, `MEDIA_TYPE_REFUSED`, `REQUEST_INVALID`. */
export async function readBody(request: Request, most: number): Promise<unknown> {
  const bytes = await bytesOf(request, most)
  if (bytes.byteLength === 0) return undefined
  const given = request.headers.get('content-type') ?? 'of no stated type'
  if (!/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(given)) throw new GooseError('MEDIA_TYPE_REFUSED', { given })
  return parsed(bytes)
}

async function bytesOf(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw new GooseError('BODY_TOO_LARGE', { most })
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > most) throw new GooseError('BODY_TOO_LARGE', { most })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parsed(bytes: Uint8Array): unknown {
  const value = jsonOf(bytes)
  refusePrototypes(value, '')
  return value
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RequestInvalid('body', [{ path: '', message: 'is not JSON' }], { cause: error })
  }
}

// Copied into other objects, such a name would change what all objects inherit.
function refusePrototypes(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, item] of Object.entries(value)) {
    const at = path ? `${path}.${name}` : name
    const reaches = name === '__proto__' || (name === 'constructor' && Object.hasOwn(Object(item), 'prototype'))
    if (reaches) throw new RequestInvalid('body', [{ path: at, message: 'is not taken' }])
    refusePrototypes(item, at)
  }
}

/** Gives the query of an address: a name that comes more than once becomes a list. */
export function queryOf(parameters: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const names = [...new Set(parameters.keys())]
  if (names.includes('__proto__')) throw refusalOf('query', [{ path: '__proto__', message: 'is not known here' }])
  return Object.fromEntries(
    names.map(name => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? values[0]! : values]
    }),
  )
}
