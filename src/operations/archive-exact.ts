// Stored bytes as documents the driver sends unchanged, byte for byte: types, and the order of keys, are kept.
import { BSON, type Document } from 'mongodb'
import { exactly } from './archive-bytes.ts'
import { endOfValue } from './formats/stored-walk.ts'

/** Gives what the driver encodes as these very bytes; undefined where nothing is. */
export function exactDocument(bytes: Uint8Array): Document | undefined {
  const plain = BSON.deserialize(bytes, exactly)
  if (isEncodedAs(plain, bytes)) return plain
  // Objects put keys that look like numbers first; maps keep every order.
  const ordered = mapFrom(bytes as Buffer) as unknown as Document
  return isEncodedAs(ordered, bytes) ? ordered : undefined
}

function isEncodedAs(value: Document, bytes: Uint8Array): boolean {
  return Buffer.from(BSON.serialize(value, { ignoreUndefined: true })).equals(bytes)
}

function mapFrom(bytes: Buffer): Map<string, unknown> {
  return new Map(elementsOf(bytes))
}

function* elementsOf(bytes: Buffer): Generator<readonly [string, unknown]> {
  for (let at = 4; at < bytes.length - 1; ) {
    const type = bytes[at]!
    const nameEnd = bytes.indexOf(0, at + 1)
    const end = endOfValue(bytes, type, nameEnd + 1)
    const value = bytes.subarray(nameEnd + 1, end)
    yield [bytes.toString('utf8', at + 1, nameEnd), valueFrom(type, value)]
    at = end
  }
}

function valueFrom(type: number, value: Buffer): unknown {
  if (type === 3) return mapFrom(value)
  if (type === 4) return [...elementsOf(value)].map(([, item]) => item)
  const whole = Buffer.alloc(value.length + 8)
  whole.writeInt32LE(whole.length, 0)
  whole[4] = type
  whole[5] = 0x76
  value.copy(whole, 7)
  return BSON.deserialize(whole, exactly).v
}
