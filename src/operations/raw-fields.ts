// Stored documents as bytes: fields cut out and compared, and read without losing a type or an order.
import { BSON, type Document } from 'mongodb'

/** The fields of a document: the type and the bytes of each value, by name. */
export type RawFields = ReadonlyMap<string, Uint8Array>

// Keeps the types of numbers, so that what is written again is what was stored.
const exact = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const

/** Cuts a stored document into its fields; each begins with its type. */
export function rawFields(bytes: Uint8Array): RawFields {
  const found = new Map<string, Uint8Array>()
  for (const [type, nameAt, nameLength, at, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + nameAt, nameLength).toString('utf8')
    const field = new Uint8Array(length + 1)
    field[0] = type
    field.set(bytes.subarray(at, at + length), 1)
    found.set(name, field)
  }
  return found
}

/** Tells whether two values are the same, byte by byte; undefined is a field that is not there. */
export function isSameRaw(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Buffer.compare(one, other) === 0
}

/** Reads a stored document with all its BSON types, and its keys in their order. */
export function exactDocument(bytes: Uint8Array): Document {
  const document = BSON.deserialize(bytes, exact)
  return hasNumberKeys(document) ? (orderedMap(bytes) as unknown as Document) : document
}

/** Reads one value cut out by `rawFields`. */
export function exactValue(field: Uint8Array): unknown {
  const document = exactDocument(wrapped(field)) as Document | ReadonlyMap<string, unknown>
  return document instanceof Map ? document.get('v') : (document as Document).v
}

/** Puts documents one behind the other. */
export function joined(documents: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(documents)
}

/** Takes apart what `joined` has put together. */
export function separated(bytes: Uint8Array): readonly Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const documents: Uint8Array[] = []
  for (let at = 0; at < view.length; ) {
    const length = view.readInt32LE(at)
    documents.push(view.subarray(at, at + length))
    at += length
  }
  return documents
}

// Objects put keys that look like numbers first, whatever their order was; a Map does not.
function hasNumberKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasNumberKeys)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.entries(value).some(([key, inner]) => /^\d+$/.test(key) || hasNumberKeys(inner))
}

const OBJECT = 3
const ARRAY = 4

function orderedMap(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  return new Map([...rawFields(bytes)].map(([name, field]) => [name, ordered(field)]))
}

function ordered(field: Uint8Array): unknown {
  if (field[0] === OBJECT) return orderedMap(field.subarray(1))
  if (field[0] === ARRAY) return [...orderedMap(field.subarray(1)).values()]
  return BSON.deserialize(wrapped(field), exact).v
}

// A document with one field named v.
function wrapped(field: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(field.length + 7)
  bytes.writeInt32LE(bytes.length, 0)
  bytes[4] = field[0] ?? 0
  bytes.write('v\0', 5, 'latin1')
  bytes.set(field.subarray(1), 7)
  return bytes
}
