// Old posts go to an archive and come back: copied, read back, and only then deleted.
import { archive, disconnect, type Query, restoreArchived } from 'goose-odm'
import { Post } from './models/post.ts'
import { daysAgo, open } from './shop.ts'

await open(Post)
await Post.archived().deleteMany({ all: true })
const post = (title: string, days: number, pinned = false) => ({ title, body: '…', pinned, createdAt: daysAgo(days) })
await Post.insertMany([
  post('We are open', 900, true),
  post('Summer sale', 500),
  post('New coffee machines', 400),
  post('Winter sale', 20),
])

const titles = async (posts: Query<Post>) => (await posts.sort('createdAt').all()).map(({ title }) => title).join(', ')

const done = await archive(Post.find({ pinned: false }), { olderThan: '365d', by: 'createdAt' })
console.log(`archive: ${done.counters.deleted} moved, ${done.why}`)
console.log('posts:', await titles(Post.find()))
console.log('archived:', await titles(Post.archived()))
console.log('both:', await titles(Post.withArchive()))

const one = await restoreArchived(Post.archived().find({ title: 'Summer sale' }))
console.log(`restore of one: ${one.counters.restored} restored`)
const rest = await restoreArchived(done.run)
console.log(`restore of the run: ${rest.counters.restored} restored`)
console.log('posts:', await titles(Post.find()))

await disconnect()
