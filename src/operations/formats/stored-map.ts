// Stored bytes as a Map that the driver writes again byte for byte: all types, and the order of all keys.
import { Binary, BSON, Double, Long, ObjectId } from 'mongodb'
import { Unreadable } from './json-scanner.ts'
import { endOfValue } from './stored-walk.ts'

/** A stored document whose keys keep their order, also those that look like numbers. */
export type StoredMap = Map<string, unknown>

/** Reads stored bytes. Throws `Unreadable` for what the driver could not send as it is. */
export function storedMap(bytes: Buffer): StoredMap {
  try {
    return mapAt(bytes, 0)
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable('its bytes are damaged', 0)
    throw error
  }
}

/** Gives what a stored document holds at a path; it does not lead through lists. */
export function valueAt(document: StoredMap, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value instanceof Map ? value.get(name) : undefined), document)
}

function mapAt(bytes: Buffer, start: number): StoredMap {
  const map: StoredMap = new Map()
  let count = 0
  for (let at = start + 4; bytes[at] !== 0; count++) {
    const type = bytes[at]
    const stop = type === undefined ? -1 : bytes.indexOf(0, at + 1)
    if (type === undefined || stop === -1) throw new RangeError('no end')
    map.set(bytes.toString('utf8', at + 1, stop), readValue(bytes, type, stop + 1))
    at = endOfValue(bytes, type, stop + 1)
  }
  if (map.size !== count) throw new Unreadable('a name stands twice in it', 0)
  return map
}

function readValue(bytes: Buffer, type: number, at: number): unknown {
  if (type === 2) return bytes.toString('utf8', at + 4, at + 3 + bytes.readInt32LE(at))
  if (type === 0x10) return bytes.readInt32LE(at)
  if (type === 1) return doubleAt(bytes, at)
  if (type === 7) return new ObjectId(bytes.subarray(at, at + 12))
  if (type === 3) return mapAt(bytes, at)
  if (type === 4) return [...mapAt(bytes, at).values()]
  if (type === 8) return bytes[at] === 1
  if (type === 10) return null
  if (type === 0x12) return new Long(bytes.readInt32LE(at), bytes.readInt32LE(at + 4))
  if (type === 9) return dateAt(bytes, at)
  if (type === 5 && bytes[at + 4] !== Binary.SUBTYPE_BYTE_ARRAY)
    return new Binary(bytes.subarray(at + 5, at + 5 + bytes.readInt32LE(at)), bytes[at + 4])
  return rare(bytes, type, at)
}

// The driver writes plain numbers as 32 bits where they are whole, and as doubles where they are not.
function doubleAt(bytes: Buffer, at: number): unknown {
  const value = bytes.readDoubleLE(at)
  return Number.isInteger(value) || Number.isNaN(value) ? new Double(value) : value
}

function dateAt(bytes: Buffer, at: number): Date {
  const date = new Date(bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at))
  if (Number.isNaN(date.getTime())) throw new Unreadable('a date in it is beyond what the driver can send', 0)
  return date
}

const exact = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const

function rare(bytes: Buffer, type: number, at: number): unknown {
  if (type === 6) throw new Unreadable('it holds the old type undefined, which the driver cannot send', 0)
  if (type === 0x0c) throw new Unreadable('it holds the old type DBPointer, which the driver cannot send', 0)
  const value = bytes.subarray(at, endOfValue(bytes, type, at))
  const document = Buffer.concat([Buffer.alloc(4), Buffer.from([type, 0x76, 0]), value, Buffer.alloc(1)])
  document.writeInt32LE(document.length, 0)
  try {
    return BSON.deserialize(document, exact).v
  } catch (error) {
    throw new Unreadable(`it cannot be read: ${(error as Error).message}`, 0)
  }
}
