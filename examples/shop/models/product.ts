// What the shop sells; a price is in cents.
import { model, ref, timestamps, z } from 'goose-odm'
import { Category } from './category.ts'

export class Product extends model(
  'Product',
  {
    name: z.string().min(1),
    price: z.int().positive(),
    category: ref(() => Category),
  },
  { plugins: [timestamps()], indexes: [{ key: { price: 1, _id: 1 } }, { key: { category: 1 } }] },
) {}
