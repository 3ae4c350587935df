// Accounts of a bank, known to customers by their account_id.
import { model, z } from 'goose-odm'

export class Account extends model(
  'Account',
  {
    account_id: z.int(),
    limit: z.int(),
    products: z.array(z.string()),
  },
  { indexes: [{ key: { account_id: 1 } }] },
) {}
