// Posts of the blog, by one author, in one category.
import { model, ref, timestamps, z } from 'goose-odm'
import { Category } from './category.ts'
import { User } from './user.ts'

export class Post extends model(
  'Post',
  {
    title: z.string().min(1),
    body: z.string(),
    author: ref(() => User),
    category: ref(() => Category),
    tags: z.array(z.string()).default([]),
    published: z.boolean().default(false),
    views: z.int().nonnegative().default(0),
  },
  { plugins: [timestamps()], indexes: [{ key: { createdAt: -1 } }, { key: { author: 1, createdAt: -1 } }] },
) {}
