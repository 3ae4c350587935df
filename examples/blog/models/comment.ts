// What readers say about a post.
import { model, ref, timestamps, z } from 'goose-odm'
import { Post } from './post.ts'
import { User } from './user.ts'

export class Comment extends model(
  'Comment',
  {
    post: ref(() => Post),
    by: ref(() => User),
    text: z.string().min(1).max(2000),
    likes: z.int().nonnegative().default(0),
  },
  { plugins: [timestamps()], indexes: [{ key: { post: 1 } }] },
) {}
