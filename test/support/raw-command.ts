// Sends commands through the driver without losing types or field order, and gives replies the same way.
import { type Db, Double, Long } from 'mongodb'
import { type Document, decodeDocument, UNDEFINED, type Value } from '../../src/embedded/bson/decode.ts'

/** Runs a command; an error of the server is thrown as the driver throws it. */
export async function rawCommand(db: Db, command: Document): Promise<Document> {
  const plain = Object.fromEntries([...command].map(([name, value]) => [name, sendable(value)]))
  const reply = await db.command(plain, { raw: true, bsonRegExp: true, promoteValues: false, ignoreUndefined: false })
  return new Map(Object.entries(reply).map(([name, value]) => [name, received(value)]))
}

/** Numbers by their classes, documents as Maps, which keep their order. */
function sendable(value: Value): unknown {
  if (typeof value === 'number') return new Double(value)
  if (typeof value === 'bigint') return Long.fromBigInt(value)
  if (value === UNDEFINED) return undefined
  if (Array.isArray(value)) return value.map(sendable)
  if (value instanceof Map) return new Map([...value].map(([name, one]) => [name, sendable(one)]))
  return value
}

/** With `raw` the driver leaves documents as bytes, and arrays as arrays of bytes. */
function received(value: unknown): Value {
  if (value instanceof Uint8Array) return decodeDocument(value)
  if (Array.isArray(value)) return value.map(received)
  if (value instanceof Double) return value.value
  if (value instanceof Long) return value.toBigInt()
  return value as Value
}
