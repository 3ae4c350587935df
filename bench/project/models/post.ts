// The post of the benchmarks, as a model file of a project.
import { model, ref, z } from 'goose-odm'
import { User } from './user.ts'

export class Post extends model('Post', {
  title: z.string(),
  body: z.string(),
  author: ref(() => User),
  tags: z.array(z.string()),
  views: z.int(),
  rating: z.number(),
  published: z.boolean(),
  source: z.object({ name: z.string(), words: z.int(), language: z.string() }),
  createdAt: z.date(),
  updatedAt: z.date(),
}) {}
