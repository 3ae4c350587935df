// What clients are told of errors: every one of the table, the driver's, and those of others, by each adapter.
import { GooseError } from 'goose-odm'
import { problemOf, route } from 'goose-odm/http'
import { MongoNetworkError, MongoOperationTimeoutError, MongoServerError } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ErrorMeta, errorTable } from '../../src/errors.ts'
import { adapters, type TestServer } from '../support/http-servers.ts'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('http_problem')

const errors = errorTable().map(entry => ({ ...entry, error: new GooseError(entry.code, metaOf(entry.message)) }))
const throwing = (path: string, error: unknown) =>
  route({
    method: 'GET',
    path,
    handle: () => {
      throw error
    },
  })

const others: readonly (readonly [name: string, error: unknown, status: number, code: string])[] = [
  ['a lost connection', new MongoNetworkError('connect ECONNREFUSED 10.0.0.7:27017'), 503, 'NOT_CONNECTED'],
  ['a socket that the server has ended', Object.assign(new Error('ended'), { code: 'EPIPE' }), 503, 'NOT_CONNECTED'],
  ['a server that does not answer', new MongoOperationTimeoutError('10.0.0.7 is slow'), 503, 'NOT_CONNECTED'],
  ['a server going down', new MongoServerError({ message: '10.0.0.7 ends', code: 11600 }), 503, 'NOT_CONNECTED'],
  ['a query out of time', new MongoServerError({ message: 'out of time', code: 50 }), 504, 'TIMED_OUT'],
  ['another refusal of the server', new MongoServerError({ message: 'no', code: 2 }), 500, 'INTERNAL_SERVER_ERROR'],
  ['an error of the system', Object.assign(new Error('/etc'), { code: 'EACCES' }), 500, 'INTERNAL_SERVER_ERROR'],
  ['a number', 7, 500, 'INTERNAL_SERVER_ERROR'],
  ['nothing at all', null, 500, 'INTERNAL_SERVER_ERROR'],
  ['a status of one’s own', Object.assign(new Error('pay first'), { status: 402 }), 402, 'PAYMENT_REQUIRED'],
  ['a code of one’s own', Object.assign(new Error('no'), { status: 409, code: 'SOLD_OUT' }), 409, 'SOLD_OUT'],
  ['a status that is none', Object.assign(new Error('no'), { status: 200 }), 500, 'INTERNAL_SERVER_ERROR'],
]

describe.each(adapters)('%s', (_, open) => {
  let server: TestServer
  beforeAll(async () => {
    server = await open([
      errors.map(({ code, error }) => throwing(`/errors/${code}`, error)),
      others.map(([, error], i) => throwing(`/others/${i}`, error)),
    ])
  })
  afterAll(() => server.close())

  test.each(errors)('$code is a problem with status $status', async ({ code, status, error }) => {
    const reply = await server.ask('GET', `/errors/${code}`)
    expect([reply.status, reply.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8'])
    expect(reply.body).toMatchObject({ type: 'about:blank', status, code, instance: `/errors/${code}` })
    expect(reply.body.requestId).toBe(reply.headers['x-request-id'])
    if (status < 500) expect(reply.body.detail).toBe(error.message)
    else expect(reply.text).not.toContain('the-')
  })

  test.each(others.map((other, i) => [...other, i] as const))('%s', async (_name, error, status, code, i) => {
    const reply = await server.ask('GET', `/others/${i}`)
    expect([reply.status, reply.body.status, reply.body.code]).toEqual([status, status, code])
    if (status >= 500) expect(reply.text).not.toMatch(/10\.0\.0\.7|ECONN|EACCES|\/etc/)
    else expect(reply.body.detail).toBe((error as Error).message)
  })
})

test('a problem is made of any error, also without a request', () => {
  expect(problemOf(new GooseError('ROUTE_NOT_FOUND', { method: 'GET', path: '/x' }))).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is nothing at GET /x',
    code: 'ROUTE_NOT_FOUND',
  })
})

/** Fills each word in braces with a text that can be found again. */
function metaOf(message: string): ErrorMeta {
  return Object.fromEntries([...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, `the-${name}`]))
}
