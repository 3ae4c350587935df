// Accounts with a balance in cents, which is never below zero.
import { model, z } from 'goose-odm'

export class Account extends model('Account', {
  owner: z.string().min(1),
  balance: z.int().nonnegative(),
}) {}
