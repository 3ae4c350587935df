// Customers of the rental, as told from what Mongoose has stored.
import { model, secret, timestamps, version, z } from 'goose-odm'

export class Customer extends model(
  'Customer',
  {
    name: z.string(),
    email: z.email(),
    passwordHash: secret(z.string()).optional(),
  },
  { plugins: [timestamps(), version({ field: '__v' })], indexes: [{ key: { email: 1 }, unique: true }] },
) {}
