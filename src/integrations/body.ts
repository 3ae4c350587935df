// Reads the JSON body of a request: within a limit, and without what would reach into prototypes.
import { GooseError } from '../errors.ts'
import { refusalOf } from './checking.ts'
import { RequestInvalid } from './request-invalid.ts'

/** The size of a body that is taken where no limit is given: a mebibyte, as fastify has it. */
export const BODY_LIMIT = 1_048_576

/** As deep as MongoDB lets documents be. */
const DEEPEST = 100

/** Reads the body of a request as JSON. Throws `BODY_TOO_LARGE`, `MEDIA_TYPE_REFUSED`, `REQUEST_INVALID`. */
export async function readBody(request: Request, most: number): Promise<unknown> {
  return bodyOf(await bytesOf(request, most), request.headers.get('content-type') ?? undefined)
}

/** Gives what bytes say as JSON; none say nothing, whatever their type. Throws as `readBody` does. */
export function bodyOf(bytes: Uint8Array, type: string | undefined): unknown {
  if (bytes.byteLength === 0) return undefined
  if (!/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type ?? ''))
    throw new GooseError('MEDIA_TYPE_REFUSED', { given: type ?? 'of no stated type' })
  const value = jsonOf(bytes)
  checkNames(value, '', 0)
  return value
}

/** Makes the error of a body beyond the limit. */
function bodyTooLarge(most: number): GooseError {
  return new GooseError('BODY_TOO_LARGE', { most })
}

async function bytesOf(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw bodyTooLarge(most)
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(request.body)) {
    size += chunk.byteLength
    if (size > most) throw bodyTooLarge(most)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

// Who goes away in the middle of a body has done nothing that a log of errors should hold.
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    throw new RequestInvalid('body', [{ path: '', message: 'was cut off' }], { cause: error })
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new RequestInvalid('body', [{ path: '', message: 'is not JSON' }], { cause: error })
  }
}

// Copied into other objects, such a name would change what all objects inherit.
function checkNames(value: unknown, path: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > DEEPEST) throw new RequestInvalid('body', [{ path: '', message: `is nested deeper than ${DEEPEST}` }])
  for (const [name, item] of Object.entries(value)) {
    const at = path ? `${path}.${name}` : name
    const reaches = name === '__proto__' || (name === 'constructor' && Object.hasOwn(Object(item), 'prototype'))
    if (reaches) throw new RequestInvalid('body', [{ path: at, message: 'is not taken' }])
    checkNames(item, at, depth + 1)
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
