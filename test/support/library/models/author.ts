// Authors of the library; one field is secret.
import { model, secret, z } from 'goose-odm'

export class Author extends model(
  'Author',
  {
    name: z.string().min(1),
    email: z.email(),
    passwordHash: secret(z.string()).optional(),
  },
  { indexes: [{ key: { email: 1 }, unique: true }] },
) {}
