// Categories of the library, a tree.
import { model, ref, z } from 'goose-odm'

export class Category extends model('Category', {
  name: z.string().min(1),
  parent: ref(() => Category)
    .nullable()
    .default(null),
}) {}
