// Connects with nothing but the driver and asks for the version: what the console's start is compared with.
import { MongoClient } from '../../node_modules/mongodb/lib/index.js'

const client = await new MongoClient(process.env.MONGODB_URI).connect()
const { version } = await client.db().admin().buildInfo()
console.log(`ready ${version}> `)
await client.close()
