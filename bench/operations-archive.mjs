// Measures archives of 100,000 documents beside a bare $merge with deleteMany, and beside the same one by one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { model, z } from '../dist/index.js'
import { emptyPlan } from '../dist/models/plan.js'
import { archive } from '../dist/operations/archive.js'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { posts, users } from './data.mjs'

const COUNT = Number(process.env.DOCUMENTS ?? 100_000)
const ONE_BY_ONE = COUNT / 50
const ROUNDS = 3

const fields = { title: z.string(), body: z.string(), views: z.int(), createdAt: z.date() }
class Post extends model('ArchivedPost', fields, { collection: 'posts' }) {}

export const title = `archiving ${COUNT.toLocaleString('en')} documents`

export async function prepare(db) {
  await db.collection('posts').createIndex({ createdAt: 1, _id: 1 })
}

export async function measure({ uri, db, turn, report }) {
  const [here, there] = [db.collection('posts'), db.collection('posts_archive')]
  const majority = { writeConcern: { w: 'majority' } }
  // In another process: memory that making them takes is not the archive's.
  const fill = async count => {
    const child = spawn(process.execPath, [import.meta.filename, uri, db.databaseName, count], { stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`filling ended with ${code}`)
  }
  for (let round = 1; round <= ROUNDS; round++) {
    // A tenth is too new, as in a collection that is in use: emptying a whole one is another matter.
    const filter = { createdAt: { $lt: new Date() } }
    await fill(COUNT)
    await turn('$merge and deleteMany', async () => {
      const stages = [{ $match: filter }, { $merge: { into: 'posts_archive' } }]
      await here.aggregate(stages, majority).toArray()
      await here.deleteMany(filter, majority)
    })
    await fill(COUNT)
    await turn('archive', async () => {
      const { counters } = await archive({
        definition: Post.definition,
        plan: emptyPlan,
        olderThan: 1,
        by: 'createdAt',
      })
      if (counters.deleted !== COUNT) throw new Error(`archived ${counters.deleted} documents`)
    })
    await fill(ONE_BY_ONE)
    await turn(`one by one, ${ONE_BY_ONE} of them`, async () => {
      for await (const document of here.find(filter)) {
        await there.insertOne(document, majority)
        const copy = await there.findOne({ _id: document._id })
        if (copy) await here.deleteOne({ _id: document._id }, majority)
      }
    })
  }
  report({
    '$merge and deleteMany': undefined,
    archive: { base: '$merge and deleteMany', most: 2 },
    [`one by one, ${ONE_BY_ONE} of them`]: { base: 'archive' },
  })
}

async function refill(db, count) {
  const [here, there] = [db.collection('posts'), db.collection('posts_archive')]
  for (const collection of [here, there]) await collection.deleteMany({})
  const authors = users(1000)
  const later = posts(Math.ceil(count / 10), authors).map(post => ({
    ...post,
    createdAt: new Date(Date.now() + 1e9),
  }))
  await here.insertMany(later)
  for (let from = 0; from < count; from += 10_000) await here.insertMany(posts(Math.min(10_000, count - from), authors))
}

if (process.argv[1] === import.meta.filename) {
  const [, , uri, database, count] = process.argv
  const client = await new MongoClient(uri).connect()
  await refill(client.db(database), Number(count))
  await client.close()
}
