// Prints the 20 newest posts with nothing but the driver: what `goose find` is compared with.
import { MongoClient } from '../../node_modules/mongodb/lib/index.js'

const client = await new MongoClient(process.env.MONGODB_URI).connect()
for await (const post of client.db().collection('posts').find().sort({ createdAt: -1 }).limit(20)) {
  console.log(JSON.stringify(post))
}
await client.close()
