// Restaurants as a web site listed them: a rating is a number or a remark.
import { model, z } from 'goose-odm'

export class Restaurant extends model('Restaurant', {
  name: z.string(),
  URL: z.url(),
  address: z.union([z.string(), z.number()]),
  'address line 2': z.string(),
  outcode: z.string(),
  postcode: z.string(),
  rating: z.union([z.number(), z.string()]),
  type_of_food: z.string(),
}) {}
