// The models that HTTP tests serve: people with secrets, notes by them, and things with ids of their own.
import {
  audit,
  binary,
  decimal,
  long,
  model,
  ref,
  secret,
  softDelete,
  timestamps,
  transient,
  version,
  z,
} from 'goose-odm'

export class Person extends model(
  'HttpPerson',
  {
    name: z.string().min(1).max(50),
    email: z.email(),
    role: z.enum(['admin', 'author']).default('author'),
    born: z.date().optional(),
    passwordHash: secret(z.string()).optional(),
    password: transient(z.string().min(8)).optional(),
    devices: z.array(z.object({ name: z.string(), token: secret(z.string()), seen: z.date().optional() })).default([]),
  },
  { plugins: [timestamps()], indexes: [{ key: { email: 1 }, unique: true }] },
) {
  override preSave() {
    if (this.password) this.passwordHash = `hashed ${this.password.length}`
  }
}

export class Note extends model(
  'HttpNote',
  {
    title: z.string().min(1),
    text: z.string().default(''),
    owner: z.string().optional(),
    author: ref(() => Person),
    tags: z.array(z.string()).default([]),
    views: z.int().nonnegative().default(0),
    price: decimal().optional(),
    bytes: long().optional(),
    due: z.date().nullable().default(null),
    remarks: z.array(z.object({ by: ref(() => Person), text: z.string(), at: z.date().optional() })).default([]),
  },
  { plugins: [timestamps(), version(), audit()] },
) {}

export class Gauge extends model('HttpGauge', { _id: z.int(), label: z.string() }) {
  override toJSON() {
    return { ...super.toJSON(), shout: this.label.toUpperCase() }
  }
}

export class Shelf extends model(
  'HttpShelf',
  { _id: z.string(), bytes: binary().optional() },
  { plugins: [softDelete()] },
) {}
