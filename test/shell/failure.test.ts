// What people at a terminal are told of errors that are not goose's own: a code of the table, a sentence, a next step.
import { MongoNetworkTimeoutError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { expect, test } from 'vitest'
import { EmptyFilterRefused, errorTable } from '../../src/errors.ts'
import { failureOf } from '../../src/shell/failure.ts'

const refusal = (code: number, message: string) => new MongoServerError({ message, code })
const system = (code: string, path: string) => Object.assign(new Error(`${code}: no`), { code, path })
const own = Object.assign(new Error('no tenant is set'), {
  stack: 'Error: no\n    at scope (/srv/shop/tenant.ts:16:9)',
})
const ours = Object.assign(new Error('x is undefined'), { stack: 'Error: x\n    at f (/srv/dist/runtime/f.js:1:1)' })

test.each([
  ['NOT_AUTHORIZED', refusal(13, 'Not authorized on shop'), 'not authorized on shop'],
  ['TIMED_OUT', refusal(50, 'Operation exceeded time limit'), 'operation exceeded time limit'],
  ['TIMED_OUT', new MongoNetworkTimeoutError('Connection timed out'), 'connection timed out'],
  ['NOT_CONNECTED', new MongoServerSelectionError('No server at db:27017', {} as never), 'no server at db:27017'],
  ['NOT_CONNECTED', Object.assign(new Error('Ended'), { code: 'EPIPE' }), 'ended'],
  ['NOT_CONNECTED', refusal(11600, 'Interrupted at shutdown'), 'interrupted at shutdown'],
  ['NOT_CONNECTED', Object.assign(new Error('Pool is gone'), { name: 'PoolClearedOnNetworkError' }), 'pool is gone'],
  ['DUPLICATE_KEY', refusal(11000, 'E11000 duplicate key'), 'E11000 duplicate key'],
  ['DATABASE_REFUSED', refusal(8000, 'Bad luck'), 'bad luck'],
  ['FILE_REFUSED', system('EACCES', 'out.csv'), 'out.csv: it may not be read or written'],
  ['PROJECT_FAILED', own, 'no tenant is set'],
  ['UNEXPECTED', ours, 'x is undefined'],
] as const)('%s of %s', (code, error, message) => {
  const failure = failureOf(error)
  expect(failure).toMatchObject({ code, message, exit: errorTable().find(entry => entry.code === code)?.exit })
  expect(failure.nextActions.join()).not.toMatch(/^$|[{}]/)
})

test('code of the project is named by file and line', () => {
  expect(failureOf(own).nextActions).toEqual([expect.stringMatching(/^your code has thrown this: .*tenant\.ts:16$/)])
})

test('a password in an address is told nowhere', () => {
  const error = refusal(2, 'cannot reach mongodb://root:hunter2@db/')
  expect(JSON.stringify(failureOf(error))).not.toContain('hunter2')
})

test('what to do next is code for code, and flags for commands', () => {
  const error = new EmptyFilterRefused({ model: 'Post', operation: 'updateMany' })
  expect(failureOf(error).nextActions).toEqual(['give --where or --filter, or --all to mean all of them'])
  expect(failureOf(error, 'code').nextActions).toEqual(['give a filter, or { all: true } to mean all of them'])
})
