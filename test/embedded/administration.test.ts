// What shells and graphical clients ask of a server, and the embedded database answers.
import { statSync } from 'node:fs'
import { Binary, BSON, Long } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { useDatabase } from '../support/database.ts'

describe.skipIf(process.env.GOOSE_TEST_URI !== undefined)('administration', () => {
  const database = useDatabase()
  const admin = () => database.client.db('admin')
  const posts = Array.from({ length: 50 }, (_, n) => ({ _id: n, title: `Post ${n}`, tags: ['a', n] }))

  beforeAll(async () => {
    await database.db.collection<{ _id: number }>('posts').insertMany(posts)
    await database.db.collection('posts').createIndex({ tags: 1 })
    await database.db.createCollection('recent', { viewOn: 'posts', pipeline: [{ $sort: { _id: -1 } }] })
  })

  describe('sizes', () => {
    const bytes = posts.reduce((sum, post) => sum + BSON.calculateObjectSize(post), 0)

    test('of a collection are those of its documents and index entries', async () => {
      const stats = await database.db.command({ collStats: 'posts' })
      expect(stats).toMatchObject({ count: 50, size: bytes, nindexes: 2, capped: false, scaleFactor: 1 })
      expect(stats.avgObjSize).toBe(Math.floor(bytes / 50))
      expect(Object.keys(stats.indexSizes)).toEqual(['_id_', 'tags_1'])
      expect(stats.indexSizes.tags_1).toBeGreaterThan(stats.indexSizes._id_)
      expect(stats.totalSize).toBe(stats.storageSize + stats.totalIndexSize)
    })

    test('come in the unit asked for', async () => {
      const stats = await database.db.command({ collStats: 'posts', scale: 100 })
      expect(stats).toMatchObject({ count: 50, size: Math.floor(bytes / 100), scaleFactor: 100 })
      await expect(database.db.command({ collStats: 'posts', scale: 0 })).rejects.toMatchObject({ code: 51024 })
    })

    test('of what does not exist are zero, and views have none', async () => {
      expect(await database.db.command({ collStats: 'none' })).toMatchObject({ count: 0, size: 0, nindexes: 0 })
      await expect(database.db.command({ collStats: 'recent' })).rejects.toMatchObject({ code: 166 })
    })

    test('of a database add up', async () => {
      const stats = await database.db.stats()
      expect(stats).toMatchObject({ collections: 1, views: 1, objects: 50, dataSize: bytes, indexes: 2 })
      expect(stats.fsTotalSize).toBeGreaterThan(stats.fsUsedSize)
    })

    test('are what $collStats says, too', async () => {
      const pipeline = [{ $collStats: { storageStats: {}, count: {} } }]
      const [stats] = await database.db.collection('posts').aggregate(pipeline).toArray()
      expect(stats).toMatchObject({ ns: `${database.name}.posts`, count: 50, storageStats: { size: bytes } })
    })
  })

  test('an index is said to be used as often as queries chose it', async () => {
    const collection = database.db.collection('posts')
    const uses = async () => {
      const stats = await collection.aggregate([{ $indexStats: {} }]).toArray()
      return stats.find(({ name }) => name === 'tags_1')?.accesses.ops as number
    }
    const before = await uses()
    for (let n = 0; n < 3; n++) await collection.find({ tags: n }).toArray()
    expect((await uses()) - before).toBe(3)
  })

  test('a sound collection is found valid, and one that does not exist is not there', async () => {
    const found = await database.db.command({ validate: 'posts' })
    expect(found).toMatchObject({ valid: true, nrecords: 50, keysPerIndex: { _id_: 50, tags_1: 100 }, errors: [] })
    await expect(database.db.command({ validate: 'none' })).rejects.toMatchObject({ code: 26 })
    await expect(database.db.command({ validate: 'posts', repair: true })).rejects.toMatchObject({ code: 115 })
  })

  test('the status counts what was served', async () => {
    const before = await admin().command({ serverStatus: 1 })
    await database.db.collection('posts').find().toArray()
    await database.db.collection('posts').updateMany({}, { $set: { seen: true } })
    const after = await admin().command({ serverStatus: 1 })
    expect(after.opcounters.query - before.opcounters.query).toBe(1)
    expect(after.opcounters.update - before.opcounters.update).toBe(1)
    expect(after.network.bytesOut).toBeGreaterThan(before.network.bytesOut)
    expect(after.uptimeMillis).toBeGreaterThanOrEqual(before.uptimeMillis)
    expect(after).toMatchObject({ pid: process.pid, process: 'goose', storageEngine: { name: 'lmdb' } })
    expect(after.connections.current).toBeGreaterThan(0)
  })

  test('sections of the status can be left out', async () => {
    const status = await admin().command({ serverStatus: 1, opcounters: 0, network: false })
    expect(status.opcounters).toBeUndefined()
    expect(status.network).toBeUndefined()
    expect(status.connections).toBeDefined()
  })

  test('a command sees itself running, and an open transaction is seen to wait', async () => {
    await database.client.withSession(async session => {
      session.startTransaction()
      await database.db.collection('posts').findOne({}, { session })
      const { inprog } = await admin().command({ currentOp: 1 })
      expect(inprog).toMatchObject([
        { type: 'op', op: 'command', command: { currentOp: 1 } },
        { type: 'idleSession', active: false, lsid: { id: expect.any(Binary) } },
      ])
      expect((await admin().command({ currentOp: 1, type: 'idleSession' })).inprog).toHaveLength(1)
      await session.abortTransaction()
    })
    const running = await admin()
      .aggregate([{ $currentOp: {} }, { $match: { type: 'op' } }])
      .toArray()
    expect(running).toMatchObject([{ command: { aggregate: 1 } }])
  })

  test('parameters are those of this server', async () => {
    expect(await admin().command({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: '8.0' },
    })
    expect((await admin().command({ getParameter: '*' })).enableTestCommands).toBe(false)
    await expect(admin().command({ getParameter: 1, nonsense: 1 })).rejects.toMatchObject({ code: 72 })
    await expect(database.db.command({ getParameter: '*' })).rejects.toMatchObject({ code: 13 })
  })

  test('every command of the list is there, with what it does', async () => {
    const { commands } = await database.db.command({ listCommands: 1 })
    expect(Object.keys(commands)).toEqual(expect.arrayContaining(['find', 'aggregate', 'collStats', 'listCommands']))
    for (const { help } of Object.values<{ help: string }>(commands)) expect(help).toMatch(/\w{3,}/)
  })

  test('the replica set has one member, the server itself', async () => {
    const { me } = await admin().command({ hello: 1 })
    const { members, set } = await admin().command({ replSetGetStatus: 1 })
    expect(members).toMatchObject([{ name: me, stateStr: 'PRIMARY', self: true }])
    expect((await admin().command({ replSetGetConfig: 1 })).config).toMatchObject({ _id: set, members: [{ host: me }] })
  })

  test('the folder of the data and the place to connect are told', async () => {
    const { parsed } = await admin().command({ getCmdLineOpts: 1 })
    expect(statSync(parsed.storage.dbPath).isDirectory()).toBe(true)
    expect(parsed.net.unixDomainSocket ?? parsed.net.port).toBeDefined()
    expect((await admin().command({ whatsmyuri: 1 })).you).toEqual(expect.any(String))
  })

  test('nobody is logged in, and there are no users, roles, logs and profiles', async () => {
    const { authInfo } = await admin().command({ connectionStatus: 1, showPrivileges: true })
    expect(authInfo).toEqual({ authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] })
    expect((await admin().command({ usersInfo: 1 })).users).toEqual([])
    expect((await admin().command({ rolesInfo: 1 })).roles).toEqual([])
    expect((await admin().command({ getLog: 'startupWarnings' })).log).toEqual([])
    await expect(admin().command({ getLog: 'nonsense' })).rejects.toThrow("No log named 'nonsense'")
    expect((await database.db.command({ profile: -1 })).was).toBe(0)
    await expect(database.db.command({ profile: 2 })).rejects.toMatchObject({ code: 115 })
  })

  test('a login is refused with the reason', async () => {
    const login = { saslStart: 1, mechanism: 'PLAIN', payload: new Binary(Buffer.alloc(1)) }
    await expect(admin().command(login)).rejects.toThrow('has no users')
  })

  test('fail points need a server that was started for them', async () => {
    const command = { configureFailPoint: 'failCommand', mode: 'off' }
    await expect(admin().command(command)).rejects.toMatchObject({ code: 59 })
    expect((await admin().command({ listCommands: 1 })).commands.configureFailPoint).toBeUndefined()
  })

  test('numbers that may grow are 64 bit', async () => {
    const { pid, opcounters } = await admin().command({ serverStatus: 1 }, { promoteLongs: false })
    expect(pid).toBeInstanceOf(Long)
    expect(opcounters.query).toBeInstanceOf(Long)
  })
})
