// Every night, old posts go to the archive: goose run jobs/nightly-archive.ts.
import { archive, defineJob } from 'goose-odm'
import { Post } from '../models/post.ts'

export default defineJob({
  name: 'nightly-archive',
  async run({ step, log, signal }) {
    const run = await step('archive posts', async () => {
      const done = await archive(Post.find({ pinned: false }), { olderThan: '365d', by: 'createdAt', stop: signal })
      signal.throwIfAborted() // stopped on the way: the step is not done, and what is left comes next time
      return done.run
    })
    const archived = await Post.archived().count()
    await log(`archived by ${run}; ${archived} in the archive, ${await Post.count()} posts remain`)
  },
})
