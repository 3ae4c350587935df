// Posts by users: deleted ones can come back, and every change is in the audit.
import { audit, model, ref, softDelete, timestamps, version, z } from 'goose-odm'
import { User } from './user.ts'

export class Post extends model(
  'Post',
  {
    title: z.string().min(1).max(200),
    body: z.string().max(100_000),
    tags: z.array(z.string().max(40)).max(20).default([]),
    author: ref(() => User),
    views: z.int().nonnegative().default(0),
  },
  {
    plugins: [timestamps(), softDelete(), audit(), version()],
    indexes: [{ key: { createdAt: -1, _id: 1 } }, { key: { author: 1, createdAt: -1 } }],
  },
) {}
