// Comments of users on posts.
import { model, ref, timestamps, z } from 'goose-odm'
import { Post } from './post.ts'
import { User } from './user.ts'

export class Comment extends model(
  'Comment',
  {
    post: ref(() => Post),
    author: ref(() => User),
    text: z.string().min(1).max(2000),
  },
  { plugins: [timestamps()], indexes: [{ key: { post: 1, createdAt: 1 } }] },
) {}
