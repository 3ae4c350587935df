// Orders of several shops in one collection: each shop sees its own, and nothing else.
import { model, timestamps, z } from 'goose-odm'
import { tenant } from '../tenant.ts'

export class Order extends model(
  'Order',
  {
    number: z.int().positive(),
    customer: z.string().min(1),
    total: z.int().nonnegative(),
  },
  { plugins: [timestamps(), tenant], indexes: [{ key: { tenant: 1, number: 1 }, unique: true }] },
) {}
