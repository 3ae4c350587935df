// Fills the database of this folder, or the one of MONGODB_URI, with the blog.
import { disconnect } from 'goose-odm'
import { seed } from './seed.ts'

const made = await seed()
await disconnect()
console.log(
  Object.entries(made)
    .map(([what, count]) => `${count} ${what}`)
    .join(', '),
)
