// What the owner of the rental looks at every morning, written with the bare driver.
import { MongoClient } from 'mongodb'

const client = await MongoClient.connect(process.env.MONGODB_URI)
const groups = [{ $group: { _id: '$state', rentals: { $sum: 1 } } }, { $sort: { _id: 1 } }]
for await (const { _id, rentals } of client.db().collection('rentals').aggregate(groups))
  console.log(`${_id.padEnd(8)} ${rentals}`)
await client.close()
