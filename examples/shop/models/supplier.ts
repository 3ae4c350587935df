// Suppliers with their bank accounts, which whoever reads the database alone cannot read.
import { encrypted, model, z } from 'goose-odm'

export class Supplier extends model(
  'Supplier',
  {
    name: z.string().min(1),
    iban: encrypted(z.string().min(15), { queryable: true }),
    terms: encrypted(z.object({ discount: z.number(), days: z.int() })).optional(),
  },
  { indexes: [{ key: { iban: 1 }, unique: true }] },
) {}
