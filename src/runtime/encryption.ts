// Encrypts and decrypts one value: AES-256-GCM, bound to model, path and document; blind indexes by HMAC.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { Binary, BSON, Long, ObjectId } from 'mongodb'
import { DecryptionFailed, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { BLIND, CIPHER, fromEnvelope, toEnvelope } from '../models/envelope.ts'
import type { Field } from '../models/field.ts'
import { rootOf } from '../models/variant.ts'
import { keyRing, type RingKey } from './keys.ts'

/** Where a value lies: what its ciphertext is bound to. */
export interface Place {
  readonly definition: ModelDefinition
  readonly field: Field
  readonly id: unknown
}

/** Encrypts a stored value with the newest key. Throws `ENCRYPTION_KEY_MISSING` when there is none. */
export function encrypt(place: Place, value: unknown): unknown {
  const [key] = ringOf(place)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.cipher, iv).setAAD(associatedData(place))
  const text = Buffer.concat([cipher.update(BSON.serialize({ v: value })), cipher.final()])
  const envelope = toEnvelope({ key: key.id, iv, tag: cipher.getAuthTag(), text })
  if (!place.field.marks.encrypted?.queryable) return envelope
  return { [CIPHER]: envelope, [BLIND]: blindIndex(place, value, key) }
}

/** Decrypts what is stored, to the bytes of a document with the value as `v`; undefined for a value in clear. */
export function decrypt(place: Place, stored: unknown): Buffer | undefined {
  const envelope = fromEnvelope(stored)
  if (!envelope) return undefined
  const key = ringOf(place).find(candidate => candidate.id === envelope.key)
  if (!key) throw failed(place, envelope.key, 'the key ring does not hold it')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.cipher, envelope.iv).setAAD(associatedData(place))
    decipher.setAuthTag(envelope.tag)
    return Buffer.concat([decipher.update(envelope.text), decipher.final()])
  } catch {
    throw failed(place, envelope.key, 'it was altered, moved from elsewhere, or the key is another of that name')
  }
}

/** Tells whether a stored value is encrypted with the newest key. */
export function isCurrent(place: Place, stored: unknown): boolean {
  const envelope = fromEnvelope(stored)
  const hasBlindIndex = !(stored instanceof Binary)
  return envelope?.key === ringOf(place)[0].id && hasBlindIndex === (place.field.marks.encrypted?.queryable === true)
}

/** Gives the blind indexes of a value, of the newest key first: one of them is stored. */
export function blindIndexes(place: Omit<Place, 'id'>, value: unknown): readonly Binary[] {
  return ringOf(place).map(key => blindIndex(place, value, key))
}

function blindIndex({ definition, field }: Omit<Place, 'id'>, value: unknown, key: RingKey): Binary {
  const mac = createHmac('sha256', key.blind(`${rootOf(definition).name} ${field.path}`)).update(
    BSON.serialize({ v: value }),
  )
  return new Binary(mac.digest().subarray(0, 16))
}

function ringOf({ definition, field }: Omit<Place, 'id'>): readonly [RingKey, ...RingKey[]] {
  const [newest, ...older] = keyRing()
  if (newest) return [newest, ...older]
  throw new GooseError('ENCRYPTION_KEY_MISSING', { model: definition.name, path: field.path })
}

// A variant is read by its model as well, so both encrypt alike.
function associatedData({ definition, field, id }: Place): Buffer {
  return Buffer.from(JSON.stringify([rootOf(definition).name, field.path, textOf(id)]))
}

// A number keeps its meaning when another driver stores it as another type.
function textOf(id: unknown): string {
  if (id instanceof ObjectId) return `objectId ${id.toHexString()}`
  if (typeof id === 'number' || typeof id === 'bigint' || id instanceof Long) return `number ${id.toString()}`
  return typeof id === 'string' ? `string ${id}` : `bson ${Buffer.from(BSON.serialize({ id })).toString('base64')}`
}

function failed(place: Place, key: string, reason: string): DecryptionFailed {
  return new DecryptionFailed({ model: place.definition.name, path: place.field.path, key, reason })
}
