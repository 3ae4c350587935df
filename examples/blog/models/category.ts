// Categories of posts: each may lie within another.
import { model, ref, z } from 'goose-odm'

export class Category extends model('Category', {
  name: z.string().min(1),
  parent: ref(() => Category)
    .nullable()
    .default(null),
}) {}
