// What was paid by whom to whom: there is one for each transfer that has happened, and none for others.
import { model, ref, timestamps, z } from 'goose-odm'
import { Account } from './account.ts'

export class Transfer extends model(
  'Transfer',
  {
    from: ref(() => Account),
    to: ref(() => Account),
    amount: z.int().positive(),
  },
  { plugins: [timestamps()] },
) {}
