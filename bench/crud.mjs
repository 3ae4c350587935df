// Measures everyday reads and writes on the embedded database, in turns with the server of MONGODB_URI.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient, ObjectId } from '../node_modules/mongodb/lib/index.js'
import { posts, users } from './data.mjs'
import { heading, median, row } from './measure.mjs'
import { openEmbedded } from './server.mjs'

const COUNT = 20_000
const ROUNDS = 7
const database = `goose_bench_crud_${process.pid}`

/** Each of them is asked of both servers in turn, round by round. */
const operations = {
  'insertOne, 50 in a row': async ({ scratch }) => {
    for (let n = 0; n < 50; n++) await scratch.insertOne({ n, name: 'goose', at: new Date() })
  },
  'insertMany of 1,000': ({ scratch, made }) =>
    scratch.insertMany(made.map(post => ({ ...post, _id: new ObjectId() }))),
  'find by _id, 100 in a row': async ({ collection, ids }, round) => {
    for (let n = 0; n < 100; n++) await collection.findOne({ _id: ids[(round * 977 + n * 131) % COUNT] })
  },
  'find by index, 50 in a row': async ({ collection }, round) => {
    for (let n = 0; n < 50; n++) await collection.find({ views: (round * 31 + n) % 10_000 }).toArray()
  },
  'find 100 of an index range': ({ collection, from }) =>
    collection.find({ createdAt: { $gte: from(5000), $lt: from(5100) } }).toArray(),
  'find $in of 500 ids': ({ collection, ids }) => collection.find({ _id: { $in: ids.slice(2000, 2500) } }).toArray(),
  'find of 20,000 with all fields': ({ collection }) => collection.find().toArray(),
  'find without an index': ({ collection }) => collection.find({ rating: 3.05, published: true }).limit(500).toArray(),
  'sort of 20,000, first 20': ({ collection }) => collection.find().sort({ rating: -1, title: 1 }).limit(20).toArray(),
  'countDocuments by index': ({ collection, from }) => collection.countDocuments({ createdAt: { $lt: from(10_000) } }),
  'distinct authors': ({ collection }) => collection.distinct('author'),
  'group by author': ({ collection }) =>
    collection.aggregate([{ $group: { _id: '$author', posts: { $sum: 1 }, views: { $avg: '$views' } } }]).toArray(),
  'updateOne by _id, 50 in a row': async ({ collection, ids }, round) => {
    for (let n = 0; n < 50; n++) await collection.updateOne({ _id: ids[n * 17] }, { $set: { rating: round } })
  },
  'findOneAndUpdate, 50 in a row': async ({ collection, ids }) => {
    for (let n = 0; n < 50; n++) await collection.findOneAndUpdate({ _id: ids[n * 19] }, { $inc: { seen: 1 } })
  },
  'bulkWrite of 500 updateOne': ({ collection, ids }, round) =>
    collection.bulkWrite(
      ids.slice(0, 500).map(_id => ({ updateOne: { filter: { _id }, update: { $set: { rating: round } } } })),
    ),
  'updateMany of 10,000': ({ collection, from }, round) =>
    collection.updateMany({ createdAt: { $lt: from(10_000) } }, { $set: { rating: round } }),
  'updateMany of an indexed field': ({ collection, from }) =>
    collection.updateMany({ createdAt: { $lt: from(5000) } }, { $inc: { views: 1 } }),
  'updateMany of $in of 500 ids': ({ collection, ids }, round) =>
    collection.updateMany({ _id: { $in: ids.slice(500, 1000) } }, { $set: { rating: round } }),
  'deleteOne by _id, 50 in a row': async ({ collection, ids }, round) => {
    for (let n = 0; n < 50; n++) await collection.deleteOne({ _id: ids[19_000 + round * 50 + n] })
  },
  'deleteMany of 10,000': {
    before: async ({ db, remade }) => {
      const doomed = db.collection('doomed')
      await doomed.drop().catch(() => {})
      await doomed.createIndexes([{ key: { views: 1 } }, { key: { createdAt: 1 } }])
      await doomed.insertMany(remade)
      return doomed
    },
    run: (_, __, doomed) => doomed.deleteMany({ _id: { $exists: true } }),
  },
}

export async function measureCrud(otherUri, only = process.env.ONLY) {
  const folder = await mkdtemp(join(tmpdir(), 'goose-bench-'))
  const server = await openEmbedded(folder)
  const sides = []
  try {
    const documents = posts(COUNT, users(1000))
    sides.push(await opened(server.uri, documents))
    if (otherUri) sides.push(await opened(otherUri, documents))
    const syncs = process.env.DURABLE === 'no' ? 'waiting for no disk (DURABLE=no)' : 'durable'
    heading('everyday operations, embedded', `median and best of ${ROUNDS}, in turns; ${syncs}`)
    for (const [name, operation] of Object.entries(operations))
      if (!only || name.includes(only)) show(name, await turns(sides, operation, server))
  } finally {
    for (const { db, client } of sides) await db.dropDatabase().then(() => client.close())
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function opened(uri, documents) {
  const client = await new MongoClient(uri).connect()
  const db = client.db(database)
  const collection = db.collection('posts')
  await collection.createIndexes([{ key: { views: 1 } }, { key: { createdAt: 1 } }])
  await collection.insertMany(documents)
  const from = n => documents[n].createdAt
  const ids = documents.map(({ _id }) => _id)
  const [made, remade] = [documents.slice(0, 1000), documents.slice(0, 10_000)]
  return { client, db, collection, scratch: db.collection('scratch'), ids, from, made, remade }
}

async function turns(sides, operation, server) {
  const { before, run } = typeof operation === 'function' ? { run: operation } : operation
  const times = sides.map(() => [])
  const cpu = []
  for (let round = -1; round < ROUNDS; round++)
    for (const [at, side] of sides.entries()) {
      const prepared = await before?.(side)
      const used = server.cpuMilliseconds()
      const start = performance.now()
      await run(side, round + 1, prepared)
      if (round >= 0) times[at].push(performance.now() - start)
      if (round >= 0 && at === 0) cpu.push(server.cpuMilliseconds() - used)
    }
  return { times, cpu }
}

function show(name, { times: [ours, theirs], cpu }) {
  const own = `best ${Math.min(...ours).toFixed(1)} ms, ${(cpu.reduce((a, b) => a + b) / cpu.length).toFixed(0)} ms CPU`
  row(name, `${median(ours).toFixed(1)} ms`, theirs ? `${own.padEnd(28)} ${beside(ours, theirs)}` : own)
}

function beside(ours, theirs) {
  const [median2, best] = [median(ours) / median(theirs), Math.min(...ours) / Math.min(...theirs)]
  return `${median2.toFixed(2)} x the server's ${median(theirs).toFixed(1)} ms, best ${best.toFixed(2)} x`
}
