// Theaters with an address and a place on the map.
import { model, z } from 'goose-odm'

const address = z.object({
  street1: z.string(),
  street2: z.string().optional(),
  city: z.string(),
  state: z.string(),
  zipcode: z.string(),
})

const point = z.object({
  type: z.literal('Point'),
  coordinates: z.tuple([z.number(), z.number()]),
})

export class Theater extends model('Theater', {
  theaterId: z.int(),
  location: z.object({ address, geo: point }),
}) {}
