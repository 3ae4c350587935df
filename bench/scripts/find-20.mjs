// Prints the 20 newest posts with their authors, with nothing but the driver: what `goose find` is compared with.
import { MongoClient } from '../../node_modules/mongodb/lib/index.js'

const client = await new MongoClient(process.env.MONGODB_URI).connect()
const db = client.db()
const posts = await db.collection('posts').find().sort({ createdAt: -1 }).limit(20).toArray()
const ids = [...new Set(posts.map(post => String(post.author)))].map(id =>
  posts.find(post => String(post.author) === id),
)
const authors = await db
  .collection('users')
  .find({ _id: { $in: ids.map(post => post.author) } })
  .toArray()
const byId = new Map(authors.map(author => [String(author._id), author]))
for (const post of posts) {
  console.log(JSON.stringify({ ...post, author: byId.get(String(post.author)) ?? null }))
}
await client.close()
