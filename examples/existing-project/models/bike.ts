// Bikes of the rental, as told from what Mongoose has stored.
import { model, timestamps, version, z } from 'goose-odm'

export class Bike extends model(
  'Bike',
  {
    label: z.string(),
    kind: z.enum(['cargo', 'city', 'race']),
    pricePerDay: z.number(),
    tags: z.array(z.string()),
  },
  { plugins: [timestamps(), version({ field: '__v' })], indexes: [{ key: { label: 1 }, unique: true }] },
) {}
