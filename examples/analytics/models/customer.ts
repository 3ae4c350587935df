// Customers of a bank; they name their accounts by account_id, not by _id.
import { model, ref, z } from 'goose-odm'
import { Account } from './account.ts'

const tier = z.object({
  id: z.string(),
  tier: z.string(),
  active: z.boolean(),
  benefits: z.array(z.string()),
})

export class Customer extends model(
  'Customer',
  {
    username: z.string(),
    name: z.string(),
    address: z.string(),
    birthdate: z.date(),
    email: z.email(),
    active: z.boolean().optional(),
    accounts: z.array(ref(() => Account, { by: 'account_id' })),
    tier_and_details: z.record(z.string(), tier),
  },
  { indexes: [{ key: { username: 1 } }] },
) {}
