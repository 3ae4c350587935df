// Measures the embedded database on 100,000 documents, beside the server of MONGODB_URI where there is one.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BSON, MongoClient } from '../node_modules/mongodb/lib/index.js'
import { posts, users } from './data.mjs'
import { heading, median, repeated, row } from './measure.mjs'
import { openEmbedded } from './server.mjs'

/** What one deserialization took on the machine of the prototype, whose figures the targets are. */
const referenceMicroseconds = 3.99
const database = `goose_bench_embedded_${process.pid}`

export async function measureEmbedded(otherUri) {
  const folder = await mkdtemp(join(tmpdir(), 'goose-bench-'))
  try {
    const scale = deserializeMicroseconds() / referenceMicroseconds
    const documents = posts(100_000, users(1000))
    const embedded = await served(folder, ({ uri }) => measure(uri, documents))
    const memory = await served(folder, memoryOfScan)
    const other = otherUri ? await measure(otherUri, documents) : new Map()
    if (otherUri) await drop(otherUri)
    heading('embedded database, 100,000 documents', `this machine takes ${scale.toFixed(2)} x the prototype's time`)
    for (const [name, ms] of embedded) row(name, `${ms.toFixed(1)} ms`, note(ms, scale, other.get(name)))
    row('memory of a scan above the start', `${memory.toFixed(0)} MB`, 'target < 120 MB of RssAnon')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function served(folder, run) {
  const server = await openEmbedded(folder)
  try {
    return await run(server)
  } finally {
    await server.close()
  }
}

/** Reads all documents from a server that has done nothing before, and takes the highest of its memory. */
async function memoryOfScan({ uri, anonymousMemory }) {
  const client = await new MongoClient(uri).connect()
  const start = anonymousMemory()
  let highest = start
  let read = 0
  for await (const { _id } of client.db(database).collection('posts').find()) {
    if (_id && ++read % 500 === 0) highest = Math.max(highest, anonymousMemory())
  }
  await client.db(database).dropDatabase()
  await client.close()
  if (read !== 100_000) throw new Error(`the scan read ${read} documents instead of 100,000`)
  return highest - start
}

async function measure(uri, documents) {
  const client = await new MongoClient(uri).connect()
  const db = client.db(database)
  const collection = db.collection('posts')
  const results = new Map()
  const time = async (name, rounds, run) => results.set(name, await repeated(rounds, run))
  try {
    await time('insertMany 100,000', 1, () => collection.insertMany(documents))
    await time('unindexed equality', 5, () => collection.find({ views: 7919 }).toArray())
    await collection.createIndex({ createdAt: 1 })
    await time('sort and limit 20 by index', 41, () => collection.find().sort({ createdAt: -1 }).limit(20).toArray())
    await time('find by _id', 41, round => collection.findOne({ _id: documents[round * 1000]._id }))
    await time('updateMany of 10,000', 3, round =>
      collection.updateMany({ createdAt: oldest(documents) }, { $set: { views: round } }),
    )
    await time('group by author', 3, () => group(collection))
    await graph(db, time)
    return results
  } finally {
    await client.close()
  }
}

async function drop(uri) {
  const client = await new MongoClient(uri).connect()
  await client.db(database).dropDatabase()
  await client.close()
}

function oldest(documents) {
  return { $lt: documents[10_000].createdAt }
}

function group(collection) {
  return collection.aggregate([{ $group: { _id: '$author', posts: { $sum: 1 }, views: { $avg: '$views' } } }]).toArray()
}

async function graph(db, time) {
  const nodes = Array.from({ length: 10_000 }, (_, n) => ({ _id: n, parent: n === 0 ? null : Math.floor((n - 1) / 3) }))
  await db.collection('nodes').insertMany(nodes)
  await db.collection('nodes').createIndex({ parent: 1 })
  const lookup = { from: 'nodes', startWith: '$_id', connectFromField: '_id', connectToField: 'parent', as: 'below' }
  await time('$graphLookup over 10,000 nodes', 3, async () => {
    const [root] = await db
      .collection('nodes')
      .aggregate([{ $match: { _id: 0 } }, { $graphLookup: lookup }, { $project: { count: { $size: '$below' } } }])
      .toArray()
    if (root.count !== 9999) throw new Error(`found ${root.count} nodes below the root instead of 9,999`)
  })
}

function deserializeMicroseconds() {
  const bytes = BSON.serialize({ ...posts(1, users(1))[0], body: 'x'.repeat(170) })
  const times = []
  for (let round = 0; round < 9; round++) {
    const start = performance.now()
    for (let n = 0; n < 20_000; n++) BSON.deserialize(bytes)
    times.push(((performance.now() - start) * 1000) / 20_000)
  }
  return median(times)
}

function note(ms, scale, other) {
  const scaled = `${(ms / scale).toFixed(1)} ms scaled`
  return other === undefined ? scaled : `${scaled}   ${(ms / other).toFixed(2)} x the server's ${other.toFixed(1)} ms`
}
