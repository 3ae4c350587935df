// Stored documents as bytes: fields cut out and compared, and read without losing a type or an order.
import { BSON, type Document } from 'mongodb'
import { endOfValue } from './formats/stored-walk.ts'

/** The fields of a document: the type and the bytes of each value, by name. */
export type RawFields = ReadonlyMap<string, Uint8Array>

// Keeps the types of numbers, so that what is written again is what was stored.
const exact = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const

/** Cuts a stored document into its fields; each begins with its type. */
export function rawFields(bytes: Uint8Array): RawFields {
  const found = new Map<string, Uint8Array>()
  for (const { name, field } of walked(bytes)) found.set(name, field)
  return found
}

/** Gives the `_id` of a stored document: its type and bytes. */
export function rawId(bytes: Uint8Array): Uint8Array {
  for (const { name, field } of walked(bytes)) if (name === '_id') return field
  throw new TypeError('a stored document has an _id')
}

/** Gives a document as two texts of its bytes: its `_id`, and all that stands behind it, so that alike ones are found. */
export function textsOf(bytes: Uint8Array): { readonly id: string; readonly rest: string } {
  const view = bufferOf(bytes)
  const end = endOfId(view)
  if (end === undefined) return { id: idKey(bytes), rest: view.toString('latin1') }
  return { id: view.toString('latin1', ID_TYPE, end), rest: view.toString('latin1', end) }
}

/** Gives the `_id` of a stored document as a text that no other has. */
export function idKey(bytes: Uint8Array): string {
  const view = bufferOf(bytes)
  const end = endOfId(view)
  if (end !== undefined) return view.toString('latin1', ID_TYPE, end)
  const field = Buffer.from(rawId(bytes))
  return `${field.toString('latin1', 0, 1)}_id\0${field.toString('latin1', 1)}`
}

// A server stores the _id first, as "<type>_id\0<value>"; some old documents have it elsewhere.
function endOfId(view: Buffer): number | undefined {
  if (view[5] !== 0x5f || view[6] !== 0x69 || view[7] !== 0x64 || view[8] !== 0) return undefined
  return endOfValue(view, view[ID_TYPE]!, 9)
}

const ID_TYPE = 4

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
  const view = bufferOf(bytes)
  const documents: Uint8Array[] = []
  for (let at = 0; at < view.length; ) {
    const length = view.readInt32LE(at)
    documents.push(view.subarray(at, at + length))
    at += length
  }
  return documents
}

// A field is a view of its document, but for its type, which stands before the name.
function* walked(bytes: Uint8Array): Generator<{ readonly name: string; readonly field: Uint8Array }> {
  const view = bufferOf(bytes)
  for (let at = 4; view[at] !== 0; ) {
    const nameEnd = view.indexOf(0, at + 1)
    const end = endOfValue(view, view[at]!, nameEnd + 1)
    const field = new Uint8Array(end - nameEnd)
    field.set(view.subarray(nameEnd, end))
    field[0] = view[at]!
    yield { name: view.toString('utf8', at + 1, nameEnd), field }
    at = end
  }
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
