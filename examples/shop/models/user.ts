// Users who log in: a password is hashed before it is stored, and is itself never stored.
import { compare, hash, truncates } from 'bcryptjs'
import { audit, model, sanitize, secret, timestamps, transient, z } from 'goose-odm'

const password = z
  .string()
  .min(12)
  .refine(text => !truncates(text), 'is longer than the 72 bytes that bcrypt reads')

/** About 50 ms of work for each guess; one more doubles it. */
const ROUNDS = 10

export class User extends model(
  'User',
  {
    name: z.string().min(1),
    email: z.email(),
    /** Left out by those who log in elsewhere. */
    password: transient(password).optional(),
    passwordHash: secret(z.string()).optional(),
    status: z.enum(['active', 'expired', 'closed']).default('active'),
    lastSeenAt: z.date().default(() => new Date()),
  },
  {
    plugins: [timestamps(), audit()],
    indexes: [{ key: { email: 1 }, unique: true }, { key: { status: 1, lastSeenAt: 1 } }],
  },
) {
  /** Finds the active user with this email and password, or gives null without saying which was wrong. */
  static async login(email: string, password: string): Promise<User | null> {
    const user = await User.findOne(sanitize({ email, status: 'active' })) // a request may hold { $ne: null }
    // An unknown email takes as long as a wrong password, so that nobody can tell which emails exist.
    const isRight = await compare(password, user?.passwordHash ?? (await nobody))
    if (!user || !isRight) return null
    return user.update({ $set: { lastSeenAt: new Date() } })
  }

  override async preSave() {
    if (this.password !== undefined) this.passwordHash = await hash(this.password, ROUNDS)
  }
}

const nobody = hash('a password that nobody has', ROUNDS)
