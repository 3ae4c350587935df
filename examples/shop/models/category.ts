// Categories of products, each within another; their ids are the numbers that Google has given them.
import { model, ref, tree, z } from 'goose-odm'

export class Category extends model(
  'Category',
  {
    _id: z.int(),
    name: z.string().min(1),
    parent: ref(() => Category)
      .nullable()
      .default(null),
    /** How many products it has, those of the categories below included: kept by jobs/recount.ts. */
    products: z.int().nonnegative().default(0),
  },
  { plugins: [tree({ parent: 'parent', label: 'name' })] },
) {}
