// People who write; each has a token, of which only the hash is stored.
import { createHash, randomBytes } from 'node:crypto'
import { model, secret, timestamps, z } from 'goose-odm'

export class User extends model(
  'User',
  {
    name: z.string().min(1).max(80),
    email: z.email(),
    bio: z.string().max(500).optional(),
    tokenHash: secret(z.string()).optional(),
  },
  {
    plugins: [timestamps()],
    indexes: [
      { key: { email: 1 }, unique: true },
      { key: { tokenHash: 1 }, unique: true, sparse: true },
    ],
  },
) {
  /** Makes a new token; it can be read this once. */
  newToken(): string {
    const token = randomBytes(24).toString('base64url')
    this.tokenHash = hashOf(token)
    return token
  }

  static async byToken(token: string): Promise<User | null> {
    return User.findOne({ tokenHash: hashOf(token) })
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
