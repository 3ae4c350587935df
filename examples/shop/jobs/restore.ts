// Brings archived posts back by their titles: goose run jobs/restore.ts -- TITLE….
import { defineJob, restoreArchived } from 'goose-odm'
import { Post } from '../models/post.ts'

export default defineJob({
  name: 'restore',
  async run({ args: titles, step, log, signal }) {
    if (titles.length === 0) throw new Error("name titles behind --, as in: goose run jobs/restore.ts -- 'Summer sale'")
    const restored = await step('restore', async () => {
      const done = await restoreArchived(Post.archived().find({ title: { $in: titles } }), { stop: signal })
      signal.throwIfAborted()
      return done.counters.restored ?? 0
    })
    await log(`${restored} of ${titles.length} restored`)
  },
})
