// Measures archives of 100,000 documents beside a bare $merge with deleteMany, and beside the same one by one.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { model, z } from '../dist/index.js'
import { emptyPlan } from '../dist/models/plan.js'
import { archive } from '../dist/operations/archive.js'

const COUNT = Number(process.env.DOCUMENTS ?? 100_000)
const ONE_BY_ONE = COUNT / 50
const ROUNDS = 3
const filler = join(import.meta.dirname, 'scripts/fill-archive.mjs')

const fields = { title: z.string(), body: z.string(), views: z.int(), createdAt: z.date() }
class Post extends model('ArchivedPost', fields, { collection: 'posts' }) {}

export const title = `archiving ${COUNT.toLocaleString('en')} documents`

export async function prepare(db) {
  await db.collection('posts').createIndex({ createdAt: 1, _id: 1 })
}

export async function measure({ db, uri, turn, report }) {
  const [here, there] = [db.collection('posts'), db.collection('posts_archive')]
  const majority = { writeConcern: { w: 'majority' } }
  const fill = count => {
    const filled = spawnSync(process.execPath, [filler, uri, db.databaseName, String(count)], { stdio: 'inherit' })
    if (filled.status !== 0) throw new Error('the collection could not be filled')
  }
  for (let round = 1; round <= ROUNDS; round++) {
    const filter = { createdAt: { $lt: new Date() } }
    fill(COUNT)
    await turn('$merge and deleteMany', async () => {
      const stages = [{ $match: filter }, { $merge: { into: 'posts_archive' } }]
      await here.aggregate(stages, majority).toArray()
      await here.deleteMany(filter, majority)
    })
    fill(COUNT)
    await turn('archive', async () => {
      const { counters } = await archive({
        definition: Post.definition,
        plan: emptyPlan,
        olderThan: 1,
        by: 'createdAt',
      })
      if (counters.deleted !== COUNT) throw new Error(`archived ${counters.deleted} documents`)
    })
    fill(ONE_BY_ONE)
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
