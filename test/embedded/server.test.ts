// Tests what the embedded server does with its socket and with what comes over the wire.
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Document, decodeDocument } from '../../src/embedded/bson/decode.ts'
import { encodeDocument } from '../../src/embedded/bson/encode.ts'
import { document } from '../../src/embedded/bson/literal.ts'
import { type Embedded, startEmbedded } from '../../src/embedded/index.ts'
import { patience, rounds } from '../support/effort.ts'
import { bodyOf, framed, messageOf, type WireClient, wireClient } from '../support/wire-client.ts'

function addressOf({ uri }: Embedded): string {
  return decodeURIComponent(new URL(uri).host)
}

describe.skipIf(process.platform === 'win32')('the private socket', () => {
  test('lies in a folder that only its owner can enter, and both are gone after closing', async () => {
    const server = await startEmbedded()
    const path = addressOf(server)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await server.close()
    expect(existsSync(dirname(path))).toBe(false)
  })
})

describe('a port', () => {
  test('that is asked for is served on loopback, and nowhere else', async () => {
    const server = await startEmbedded({ port: 0 })
    const [host, port] = addressOf(server).split(':')
    expect(host).toBe('127.0.0.1')
    const client = await MongoClient.connect(`mongodb://localhost:${port}`, { family: 4 })
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 })
    await client.close()
    const others = Object.values(networkInterfaces())
      .flatMap(list => list ?? [])
      .filter(one => !one.internal && one.family === 'IPv4')
    for (const { address } of others) expect(await isListening(address, Number(port))).toBe(false)
    await server.close()
  })

  test('that is taken is an error with its reason', async () => {
    const server = await startEmbedded({ port: 0 })
    const port = Number(addressOf(server).split(':')[1])
    await expect(startEmbedded({ port })).rejects.toThrow(/EADDRINUSE/)
    await server.close()
  })
})

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 500 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

test('a standalone refuses transactions as a mongod without a replica set does', async () => {
  const server = await startEmbedded({ standalone: true })
  const client = await MongoClient.connect(server.uri)
  const session = client.startSession()
  session.startTransaction()
  await expect(client.db('a').collection('b').findOne({}, { session })).rejects.toMatchObject({ code: 20 })
  await session.endSession()
  expect((await client.db('admin').command({ hello: 1 })).setName).toBeUndefined()
  await client.close()
  await server.close()
})

test('closing twice is closing once', async () => {
  const server = await startEmbedded()
  await Promise.all([server.close(), server.close()])
  await server.close()
})

describe('the wire', () => {
  let server: Embedded
  let wire: WireClient

  beforeAll(async () => {
    server = await startEmbedded()
  })
  afterAll(() => server.close())

  const fresh = async () => {
    wire = await wireClient(addressOf(server))
    return wire
  }
  const ask = async (body: Document | Buffer) => bodyOf(await (await fresh()).send(messageOf(body)))

  test('answers a hello in the oldest form', async () => {
    const name = Buffer.from('admin.$cmd\0')
    const command = encodeDocument(document({ isMaster: 1, helloOk: true }))
    const query = Buffer.concat([Buffer.alloc(4), name, Buffer.alloc(4), Buffer.from([255, 255, 255, 255]), command])
    const reply = (await (await fresh()).send(framed(2004, query))) as Buffer
    expect(reply.readInt32LE(12)).toBe(1)
    const hello = decodeDocument(reply, 36)
    expect(hello.get('ismaster')).toBe(true)
    expect(hello.get('helloOk')).toBe(true)
    expect(hello.get('setName')).toBe('goose')
  })

  test('takes documents beside the body', async () => {
    const body = encodeDocument(document({ insert: 'beside', $db: 'wire' }))
    const rows = [document({ _id: 1 }), document({ _id: 2 })].map(encodeDocument)
    const section = Buffer.concat([Buffer.alloc(4), Buffer.from('documents\0'), ...rows])
    section.writeInt32LE(section.length)
    const message = framed(2013, Buffer.concat([Buffer.alloc(5), body, Buffer.from([1]), section]))
    expect(Number(bodyOf(await (await fresh()).send(message)).get('n'))).toBe(2)
  })

  test('puts messages together that come in pieces, and takes several in one piece', async () => {
    const ping = messageOf(document({ ping: 1, $db: 'admin' }))
    const client = await fresh()
    for (const byte of ping.subarray(0, -1)) void client.send(Buffer.from([byte]))
    expect(bodyOf(await client.send(ping.subarray(-1))).get('ok')).toBe(1)
    const twice = (await client.send(Buffer.concat([ping, ping]))) as Buffer
    expect(decodeDocument(twice, 21).get('ok')).toBe(1)
  })

  test('does not answer what asks for no reply', async () => {
    const silent = messageOf(document({ insert: 'silent', documents: [{ _id: 1 }], $db: 'wire' }))
    silent.writeUInt32LE(2, 16)
    const ping = messageOf(document({ ping: 1, $db: 'admin' }))
    ping.writeInt32LE(99, 4)
    const reply = (await (await fresh()).send(Buffer.concat([silent, ping]))) as Buffer
    expect(reply.readInt32LE(8)).toBe(99)
  })

  test.each([
    ['is shorter than its header', Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['is longer than a message may be', Buffer.from([255, 255, 255, 127, 0, 0, 0, 0, 0, 0, 0, 0, 221, 7, 0, 0])],
    ['is compressed', framed(2012, Buffer.alloc(20))],
    ['is of an unknown operation', framed(2002, Buffer.alloc(20))],
    [
      'has an unknown required flag',
      framed(2013, Buffer.concat([Buffer.from([0, 1, 0, 0, 0]), encodeDocument(document({ ping: 1 }))])),
    ],
    ['has no body', framed(2013, Buffer.alloc(10))],
    [
      'has an unknown section',
      framed(2013, Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), encodeDocument(document({ ping: 1 }))])),
    ],
    [
      'says its body is longer than it is',
      framed(2013, Buffer.concat([Buffer.alloc(5), Buffer.from([255, 0, 0, 0, 0])])),
    ],
    [
      'is a query of a collection',
      framed(
        2004,
        Buffer.concat([Buffer.alloc(4), Buffer.from('a.b\0'), Buffer.alloc(8), encodeDocument(document({}))]),
      ),
    ],
  ])('hangs up on what %s, and serves others', async (_, bytes) => {
    const other = await wireClient(addressOf(server))
    expect(await (await fresh()).send(bytes)).toBe('closed')
    expect(bodyOf(await other.send(messageOf(document({ ping: 1, $db: 'admin' })))).get('ok')).toBe(1)
    other.close()
  })

  test('says what is wrong with BSON in a sound message', async () => {
    const broken = encodeDocument(document({ insert: 'c', documents: [{ text: 'ab' }], $db: 'wire' }))
    broken[broken.indexOf('ab')] = 0xff
    const reply = await ask(broken)
    expect([Number(reply.get('code')), reply.get('codeName')]).toEqual([22, 'InvalidBSON'])
  })

  test('refuses documents that are nested too deeply, and takes those that are just not', async () => {
    const nested = (depth: number) => {
      let inner = document({ leaf: 1 })
      for (let level = 1; level < depth; level++) inner = new Map([['a', inner]])
      return ask(
        new Map<string, never>([
          ['insert', 'deep'],
          ['documents', [inner]],
          ['$db', 'wire'],
        ] as never),
      )
    }
    expect((await nested(100)).get('n')).toBeDefined()
    expect((await nested(150)).get('codeName')).toBe('Overflow')
  })

  test('refuses a document over 16 MB, and inserts the others', async () => {
    const large = document({ _id: 1, text: 'x'.repeat(16 * 1024 * 1024) })
    const rows = [large, document({ _id: 2 })]
    const reply = await ask(
      new Map<string, never>([
        ['insert', 'large'],
        ['documents', rows],
        ['ordered', false],
        ['$db', 'wire'],
      ] as never),
    )
    expect(Number(reply.get('n'))).toBe(1)
    expect((reply.get('writeErrors') as Document[]).map(error => Number(error.get('code')))).toEqual([10334])
  })

  test('asks for a database, and for one that can be', async () => {
    expect(Number((await ask(document({ ping: 1 }))).get('code'))).toBe(40571)
    expect((await ask(document({ ping: 1, $db: 'a.b' }))).get('codeName')).toBe('InvalidNamespace')
  })

  test(
    'survives thousands of damaged messages',
    async () => {
      const random = generator(20261123)
      const seeds = [
        document({ insert: 'fuzz', documents: [{ a: 1, b: 'text', c: [1, { d: null }] }], $db: 'wire' }),
        document({ find: 'fuzz', filter: { a: { $gt: 1 } }, sort: { a: 1 }, projection: { b: 1 }, $db: 'wire' }),
        document({
          aggregate: 'fuzz',
          pipeline: [{ $match: { a: 1 } }, { $group: { _id: '$b' } }],
          cursor: {},
          $db: 'wire',
        }),
        document({ update: 'fuzz', updates: [{ q: { a: 1 }, u: { $set: { b: 2 } }, upsert: true }], $db: 'wire' }),
        document({ createIndexes: 'fuzz', indexes: [{ key: { a: 1 }, name: 'a_1' }], $db: 'wire' }),
      ].map(messageOf)
      let client = await fresh()
      const answers = { replies: 0, hangups: 0 }
      for (let round = 0; round < rounds(3000, 100_000); round++) {
        const reply = await Promise.race([client.send(damaged(seeds[round % seeds.length]!, random)), silence()])
        if (Buffer.isBuffer(reply)) answers.replies++
        else {
          answers.hangups++
          client.close()
          client = await fresh()
        }
      }
      expect(answers.replies).toBeGreaterThan(100)
      expect(answers.hangups).toBeGreaterThan(100)
      expect(bodyOf(await client.send(messageOf(document({ ping: 1, $db: 'admin' })))).get('ok')).toBe(1)
    },
    patience(120_000),
  )
})

/** A message that says it is longer than it is waits for the rest. */
function silence(): Promise<'silence'> {
  return new Promise(resolve => setTimeout(resolve, 25, 'silence'))
}

function damaged(message: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(message)
  const from = random() < 0.2 ? 0 : 16
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--)
    bytes[from + Math.floor(random() * (bytes.length - from))] = Math.floor(random() * 256)
  if (random() > 0.1) return bytes
  const cut = bytes.subarray(0, Math.floor(random() * bytes.length))
  return cut.length > 0 ? cut : bytes
}

/** Gives the same numbers from 0 to 1 in each run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('a session of snapshots', () => {
  test('reads one state, whatever others write', async () => {
    const server = await startEmbedded()
    const client = await MongoClient.connect(server.uri)
    const posts = client.db('blog').collection<{ _id: number }>('posts')
    await posts.insertMany([{ _id: 1 }, { _id: 2 }])
    const session = client.startSession({ snapshot: true })
    expect(await posts.find({}, { session }).toArray()).toHaveLength(2)
    await posts.insertOne({ _id: 3 })
    expect(await posts.distinct('_id', {}, { session })).toEqual([1, 2])
    expect(await posts.aggregate([{ $count: 'n' }], { session }).toArray()).toEqual([{ n: 2 }])
    expect(await posts.countDocuments()).toBe(3)
    await session.endSession()
    await client.close()
    await server.close()
  })
})
