// Lost connections, told from what the database refuses and from the errors of others.
import { MongoNetworkError, MongoServerError } from 'mongodb'
import { expect, test } from 'vitest'
import { isLostConnection } from '../../src/runtime/lost-connection.ts'

const server = (code: number) => new MongoServerError({ message: 'no', code })

test('a network that fails, and a member that shuts down or steps down, are lost connections', () => {
  for (const error of [new MongoNetworkError('gone'), server(91), server(11600), server(10107), { ok: 0, code: 189 }])
    expect([error, isLostConnection(error)]).toEqual([error, true])
})

test('a socket that the server has ended is one; a reader that has gone is not', () => {
  expect(isLostConnection(Object.assign(new Error('This socket has been ended'), { code: 'EPIPE' }))).toBe(true)
  expect(isLostConnection(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }))).toBe(false)
})

test('what the server refuses is none, nor what another package numbers alike', () => {
  const foreign = Object.assign(new Error('permission denied'), { code: 7 })
  for (const error of [server(11000), server(13), foreign, new Error('no'), 'text', null, undefined])
    expect([error, isLostConnection(error)]).toEqual([error, false])
})
