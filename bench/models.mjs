// Compares goose's models with the driver, Mongoose and Papr: find, populate, insertMany, save.
import { openContestants } from './contestants.mjs'
import { posts, readPost, readUser, users } from './data.mjs'
import { race } from './measure.mjs'

export async function compareModels(uri) {
  const all = await openContestants(uri, `goose_bench_${process.pid}`)
  try {
    const authors = users(1000)
    await all.db.collection('users').insertMany(authors)
    await all.db.collection('posts').insertMany(posts(10_000, authors))
    await find(all)
    await populate(all)
    await insertMany(all, posts(1000, authors))
    await save(all)
  } finally {
    await all.close()
  }
}

async function find({ db, goose, mongoose, papr }) {
  const id = post => post.author
  await race(
    'find of 10,000 posts, every field of every document read',
    [
      { name: 'driver toArray', run: async () => readAll(await db.collection('posts').find().toArray(), id) },
      { name: 'goose', run: async () => readAll(await goose.Post.find().all(), post => post.author._id) },
      { name: 'papr', run: async () => readAll(await papr.Post.find({}), id) },
      { name: 'mongoose lean', run: async () => readAll(await mongoose.Post.find().lean(), id) },
      { name: 'mongoose', run: async () => readAll(await mongoose.Post.find(), id) },
    ],
    { target: 0.85 },
  )
}

async function populate({ db, goose, mongoose }) {
  await race(
    'populate of 10,000 posts with their 1,000 authors, every field read',
    [
      { name: 'driver and $in by hand', run: async () => readPopulated(await byHand(db)) },
      { name: 'goose', run: async () => readPopulated(await goose.Post.find().populate('author').all()) },
      { name: 'mongoose', run: async () => readPopulated(await mongoose.Post.find().populate('author')) },
    ],
    { target: 0.9 },
  )
}

async function byHand(db) {
  const found = await db.collection('posts').find().toArray()
  const ids = [...new Map(found.map(post => [post.author.toHexString(), post.author])).values()]
  const authors = await db
    .collection('users')
    .find({ _id: { $in: ids } })
    .toArray()
  const byId = new Map(authors.map(author => [author._id.toHexString(), author]))
  for (const post of found) post.author = byId.get(post.author.toHexString())
  return found
}

async function insertMany({ db, goose, mongoose, papr }, rows) {
  const contestant = (name, collection, run) => ({
    name,
    before: async () => {
      await db.collection(collection).deleteMany({})
      return rows.map(({ _id, ...row }) => ({ ...row, tags: [...row.tags], source: { ...row.source } }))
    },
    run,
  })
  await raceTwice('insertMany of 1,000 posts', 1.3, [
    contestant('driver', 'scratch_driver', inputs => db.collection('scratch_driver').insertMany(inputs)),
    contestant('goose', 'scratch_goose', inputs => goose.Scratch.insertMany(inputs)),
    contestant('papr', 'scratch_papr', inputs => papr.Scratch.insertMany(inputs)),
    contestant('mongoose', 'scratch_mongoose', inputs => mongoose.Scratch.insertMany(inputs)),
  ])
}

/** Writes make many objects: how they fare on warm code and right after a full collection are two questions. */
async function raceTwice(title, target, contestants) {
  await race(title, contestants, { target, rounds: 15, warmups: 5 })
  await race(`${title}, each right after a full collection of garbage`, contestants, { collect: 'all' })
}

async function save({ db, goose, mongoose }) {
  let value = 0
  const newValue = () => (value = 20_000 + ((value + 1) % 1_000_000))
  const saveEach = async found => {
    for (const post of found) {
      post.views = newValue()
      await post.save()
    }
  }
  await raceTwice('save of one changed field, 300 posts one after the other', 1.2, [
    {
      name: 'driver updateOne',
      before: () => db.collection('posts').find().limit(300).toArray(),
      run: async found => {
        for (const { _id } of found) await db.collection('posts').updateOne({ _id }, { $set: { views: newValue() } })
      },
    },
    { name: 'goose', before: () => goose.Post.find().limit(300).all(), run: saveEach },
    { name: 'mongoose', before: () => mongoose.Post.find().limit(300), run: saveEach },
  ])
}

function readAll(found, authorOf) {
  check(
    found,
    found.reduce((sum, post) => sum + readPost(post, authorOf), 0),
  )
}

function readPopulated(found) {
  const authorOf = ({ author }) => author._id
  check(
    found,
    found.reduce((sum, post) => sum + readPost(post, authorOf) + readUser(post.author), 0),
  )
}

/** A contestant that left documents or fields out would win by it. */
function check(found, sum) {
  if (found.length !== 10_000 || !Number.isFinite(sum)) throw new Error(`read ${found.length} posts, sum ${sum}`)
}
