// Rentals of bikes to customers, as told from what Mongoose has stored.
import { model, ref, timestamps, version, z } from 'goose-odm'
import { Bike } from './bike.ts'
import { Customer } from './customer.ts'

export class Rental extends model(
  'Rental',
  {
    bike: ref(() => Bike),
    customer: ref(() => Customer),
    from: z.date(),
    until: z.date(),
    state: z.enum(['late', 'open', 'returned']),
    notes: z.array(z.object({ text: z.string(), at: z.date() })),
    returnedAt: z.date().optional(),
  },
  { plugins: [timestamps(), version({ field: '__v' })], indexes: [{ key: { state: 1, until: 1 } }] },
) {}
