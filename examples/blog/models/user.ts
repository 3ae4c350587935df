// People who write posts and comments.
import { model, timestamps, z } from 'goose-odm'

export class User extends model(
  'User',
  {
    name: z.string().min(1),
    email: z.email(),
    role: z.enum(['admin', 'author']).default('author'),
  },
  { plugins: [timestamps()], indexes: [{ key: { email: 1 }, unique: true }] },
) {
  get label() {
    return `${this.name} <${this.email}>`
  }
}
