// Starts an embedded database in a temporary folder, asks it one thing by the driver, and ends.
import { startEmbedded } from '../../dist/embedded/index.js'
import { MongoClient } from '../../node_modules/mongodb/lib/index.js'

const server = await startEmbedded()
const client = await new MongoClient(server.uri).connect()
const found = await client.db('bench').collection('posts').findOne()
console.log(found === null ? 'answered' : '')
await client.close()
await server.close()
