// Posts of the shop's news page; those older than a year go to the archive, unless they are pinned.
import { model, timestamps, z } from 'goose-odm'

export class Post extends model(
  'Post',
  {
    title: z.string().min(1),
    body: z.string(),
    pinned: z.boolean().default(false),
  },
  { plugins: [timestamps()], indexes: [{ key: { createdAt: 1, _id: 1 } }] },
) {}
