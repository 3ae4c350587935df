// Serves the blog list over HTTP by the driver, goose or Mongoose: node bench/http-server.mjs NAME URI DATABASE.
import fastify from '../node_modules/fastify/fastify.js'

const [name, uri, database] = process.argv.slice(2)
const servers = { driver, goose, mongoose }
const app = fastify()
await servers[name](app)
const address = await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ address })
process.on('message', () => process.send({ cpu: process.cpuUsage() }))
process.on('disconnect', () => process.exit())

async function driver() {
  const { MongoClient } = await import('../node_modules/mongodb/lib/index.js')
  const db = (await new MongoClient(uri).connect()).db(database)
  app.get('/posts', async () => {
    const posts = await db.collection('posts').find({ published: true }).sort({ createdAt: -1 }).limit(20).toArray()
    const ids = [...new Map(posts.map(post => [post.author.toHexString(), post.author])).values()]
    const authors = await db
      .collection('users')
      .find({ _id: { $in: ids } })
      .toArray()
    const byId = new Map(authors.map(author => [author._id.toHexString(), author]))
    for (const post of posts) post.author = byId.get(post.author.toHexString())
    return { items: posts }
  })
}

async function goose() {
  const { Post } = await gooseModels()
  const plugin = await import('../dist/integrations/fastify.js')
  await app.register(plugin.goose, {})
  app.get('/posts', async () => ({
    items: await Post.find({ published: true }).sort('-createdAt').limit(20).populate('author').all(),
  }))
}

async function gooseModels() {
  const { openGoose } = await import('./contestants.mjs')
  return openGoose(uri, database)
}

async function mongoose() {
  const { openMongoose } = await import('./contestants.mjs')
  const { models } = await openMongoose(uri, database)
  app.get('/posts', async () => ({
    items: await models.Post.find({ published: true }).sort('-createdAt').limit(20).populate('author'),
  }))
}
