// The author of the benchmarks' posts.
import { model, z } from 'goose-odm'

export class User extends model('User', {
  name: z.string(),
  email: z.string(),
  role: z.enum(['admin', 'author']),
}) {}
