// Measures bulk updates of 100,000 documents and their undo, with and without an audit, beside a bare updateMany.
import { apply, audit, model, timestamps, undo, z } from '../dist/index.js'
import { posts, users } from './data.mjs'

const COUNT = 100_000
const ROUNDS = 3

const fields = { title: z.string(), body: z.string(), views: z.int(), rating: z.number(), published: z.boolean() }
class Audited extends model('AuditedPost', fields, { collection: 'posts', plugins: [timestamps(), audit()] }) {}
class Bare extends model('BarePost', fields, { collection: 'posts', plugins: [timestamps()] }) {}

export const title = 'bulk changes of 100,000 documents'

export async function prepare(db) {
  const authors = users(1000)
  for (let from = 0; from < COUNT; from += 10_000) await db.collection('posts').insertMany(posts(10_000, authors))
}

export async function measure({ db, turn, report }) {
  const all = { views: { $gte: 0 } }
  for (let round = 1; round <= ROUNDS; round++) {
    const $set = { rating: 100 + round, updatedAt: new Date() }
    await turn('updateMany', () =>
      db.collection('posts').updateMany(all, { $set }, { writeConcern: { w: 'majority' } }),
    )
    await change(Bare, 'without audit', { rating: 200 + round, turn })
    await change(Audited, 'with audit', { rating: 300 + round, turn })
  }
  report({
    updateMany: undefined,
    'plan without audit': { base: 'updateMany' },
    'update without audit': { base: 'updateMany' },
    'undo without audit': { base: 'update without audit', most: 2 },
    'plan with audit': { base: 'updateMany' },
    'update with audit': { base: 'updateMany', most: 3 },
    'undo with audit': { base: 'update with audit', most: 2 },
  })
}

async function change(of, name, { rating, turn }) {
  const plan = await turn(`plan ${name}`, () => of.find({ views: { $gte: 0 } }).plan({ $set: { rating } }))
  const done = await turn(`update ${name}`, () => apply(plan))
  const taken = await turn(`undo ${name}`, () => undo(done.run))
  if (done.counters.changed !== COUNT || taken.counters.restored !== COUNT)
    throw new Error(`changed ${done.counters.changed} documents, restored ${taken.counters.restored}`)
}
