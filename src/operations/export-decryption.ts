// Puts encrypted fields of stored bytes in clear, and leaves all other bytes as they are.
import { BSON } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { isPlain } from '../models/plain.ts'
import { inClear } from '../runtime/plaintext.ts'
import { openStored } from '../runtime/sealing.ts'
import { endOfValue } from './formats/stored-walk.ts'

/** Makes what decrypts the stored documents of a model. Throws `DecryptionFailed` for what no key fits. */
export function decrypterOf(definition: ModelDefinition): (bytes: Buffer) => Buffer {
  const names = new Set(encryptedFields(definition).map(field => field.name))
  return bytes => {
    const stored = BSON.deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true })
    const { _id } = BSON.deserialize(bytes, { promoteBuffers: false })
    const sealed = Object.fromEntries(Object.entries(stored).filter(([name]) => names.has(name)))
    const opened = openStored(definition, { ...sealed, _id })
    return replaced(bytes, name => (names.has(name) ? cleared(opened[name]) : undefined))
  }
}

/** Gives stored bytes with some of their fields replaced, in their places. */
function replaced(bytes: Buffer, valueFor: (name: string) => unknown): Buffer {
  const pieces: Buffer[] = [Buffer.alloc(4)]
  let at = 4
  while (bytes[at] !== 0) {
    const start = bytes.indexOf(0, at + 1) + 1
    const end = endOfValue(bytes, bytes[at]!, start)
    const name = bytes.toString('utf8', at + 1, start - 1)
    const value = valueFor(name)
    pieces.push(value === undefined ? bytes.subarray(at, end) : elementOf(name, value))
    at = end
  }
  const whole = Buffer.concat([...pieces, Buffer.alloc(1)])
  whole.writeInt32LE(whole.length, 0)
  return whole
}

function elementOf(name: string, value: unknown): Buffer {
  return Buffer.from(BSON.serialize({ [name]: value })).subarray(4, -1)
}

function cleared(value: unknown): unknown {
  const plain = inClear(value)
  if (Array.isArray(plain)) return plain.map(cleared)
  if (!isPlain(plain)) return plain
  return Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, cleared(item)]))
}
