// Fills the collection that is archived: in a process of its own, so that its memory is not the archive's.
import { MongoClient } from '../../node_modules/mongodb/lib/index.js'
import { posts, users } from '../data.mjs'

const [uri, database, amount] = process.argv.slice(2)
const count = Number(amount)
const client = await new MongoClient(uri).connect()
const db = client.db(database)
const here = db.collection('posts')
for (const collection of [here, db.collection('posts_archive')]) await collection.deleteMany({})
const authors = users(1000)
// A tenth is too new, as in a collection that is in use: emptying a whole one is another matter.
const later = posts(Math.ceil(count / 10), authors)
await here.insertMany(later.map(post => ({ ...post, createdAt: new Date(Date.now() + 1e9) })))
for (let from = 0; from < count; from += 10_000) await here.insertMany(posts(Math.min(10_000, count - from), authors))
await client.close()
