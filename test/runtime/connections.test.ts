// Connections by alias, and what is said where there is none.
import { connect, connection, disconnect, model, NotConnected, z } from 'goose-odm'
import { afterEach, expect, test } from 'vitest'

const uri = process.env.GOOSE_TEST_URI ?? 'embedded::memory:'
const database = (name: string) => `goose_connections_${name}_${process.pid}`
class Here extends model('ConnectionHere', { n: z.int() }) {}
class There extends model('ConnectionThere', { n: z.int() }, { connection: 'there' }) {}

afterEach(async () => {
  for (const alias of ['default', 'there']) {
    await disconnect(alias)
  }
})

test('connect gives the database that was named, and the same is found by its alias', async () => {
  const opened = await connect(uri, { database: database('a') })
  expect(opened.db.databaseName).toBe(database('a'))
  expect(connection().db).toBe(opened.db)
  expect(connection().client).toBe(opened.client)
  expect(opened.alias).toBe('default')
})

test('two aliases are two databases, and models know theirs', async () => {
  await connect(uri, { database: database('a') })
  await connect(uri, { database: database('b'), alias: 'there' })
  await Here.create({ n: 1 })
  await There.insertMany([{ n: 1 }, { n: 2 }])
  expect([await Here.count(), await There.count()]).toEqual([1, 2])
  expect((await There.collection()).dbName).toBe(database('b'))
  for (const alias of ['default', 'there']) await connection(alias).db.dropDatabase()
})

test('after disconnect there is none, and it says so', async () => {
  await connect(uri, { database: database('a') })
  await disconnect()
  await disconnect()
  expect(() => connection()).toThrow(NotConnected)
  await expect(Here.count()).rejects.toThrow('not connected: no connection "default" is open')
  await expect(There.find().all()).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
})

test('connecting again under an alias takes the place of what was there, and closes it', async () => {
  const first = await connect(uri, { database: database('a') })
  const second = await connect(uri, { database: database('b') })
  expect(connection().db.databaseName).toBe(database('b'))
  await expect(first.db.command({ ping: 1 })).rejects.toThrow()
  expect((await second.db.command({ ping: 1 })).ok).toBe(1)
})

test('a server that is not there is an error, and its password is not in it', async () => {
  const refused = await connect('mongodb://ada:hidden@127.0.0.1:1/x', { timeout: 300 }).catch(error => error)
  expect(refused).toBeInstanceOf(NotConnected)
  expect(refused.message).toContain('ada:***@127.0.0.1:1')
  expect(JSON.stringify([refused.message, refused.hint, refused.toJSON()])).not.toContain('hidden')
})
