// Decodes stored bytes straight into documents, with a reader made once for each field of a model.
import { BSON, Decimal128, Long, ObjectId } from 'mongodb'
import type { Field } from '../models/field.ts'
import { Reference } from '../models/ref.ts'

/** Reads the fields of stored bytes into an object. */
export type Decoder = (bytes: Buffer, target: Record<string, unknown>) => void

type Reader = (bytes: Buffer, at: number, type: number) => unknown

/** A stored name: how its value is read, and which name followed it last time. */
interface Slot {
  readonly name: string
  readonly key: Uint8Array
  readonly read: Reader
  readonly way: 'set' | 'yield' | 'define' | 'leave'
  next: Slot | undefined
}

/** What is read: everything that is stored, or only what fields declare, and `_id`. */
type Extent = 'all' | 'declared'

/** What is read into: a document, whose class has members of its own, or a plain object. */
type Into = 'document' | 'object'

interface Layout {
  readonly slots: Map<string, Slot>
  readonly fields: ReadonlyMap<string, Field>
  readonly extent: Extent
  readonly into: Into
  readonly first: Slot
}

// Where the value that was read last has ended: readers give the value alone, so that nothing is allocated.
let end = 0

/** Makes the decoder of a model's fields. */
export function decoderOf(fields: readonly Field[], extent: Extent = 'all', into: Into = 'object'): Decoder {
  const layout = layoutOf(fields, extent, into)
  return (bytes, target) => {
    readInto(target, bytes, 0, layout)
  }
}

function layoutOf(fields: readonly Field[], extent: Extent, into: Into = 'object'): Layout {
  const first: Slot = { name: '', key: new Uint8Array(), read: readValue, way: 'set', next: undefined }
  return { slots: new Map(), fields: new Map(fields.map(field => [field.name, field])), extent, into, first }
}

function readInto(
  target: Record<string, unknown>,
  bytes: Buffer,
  start: number,
  layout: Layout,
): Record<string, unknown> {
  let at = start + 4
  let last = layout.first
  for (let type = bytes[at++]!; type !== 0; type = bytes[at++]!) {
    let slot = last.next
    if (slot === undefined || !isNamed(slot.key, bytes, at)) {
      slot = slotAt(bytes, at, layout)
      last.next = slot
    }
    const value = slot.read(bytes, at + slot.key.length, type)
    if (slot.way === 'set') target[slot.name] = value
    else if (slot.way === 'yield') setUnlessMember(target, slot.name, value)
    else if (slot.way === 'define') define(target, value)
    at = end
    last = slot
  }
  end = at
  return target
}

function isNamed(key: Uint8Array, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[at + i]) return false
  return true
}

function slotAt(bytes: Buffer, at: number, layout: Layout): Slot {
  const stop = bytes.indexOf(0, at)
  const name = bytes.toString('utf8', at, stop)
  const known = layout.slots.get(name)
  if (known) return known
  const slot: Slot = {
    name,
    key: Uint8Array.from(bytes.subarray(at, stop + 1)),
    read: readerOf(layout.fields.get(name), layout.extent),
    way: wayOf(name, layout),
    next: undefined,
  }
  // Documents with names as data would fill the memory; they are read by name each time.
  if (layout.slots.size < 1000) layout.slots.set(name, slot)
  return slot
}

function wayOf(name: string, { fields, extent, into }: Layout): Slot['way'] {
  const isDeclared = name === '_id' || fields.has(name)
  if (extent === 'declared' && !isDeclared) return 'leave'
  if (name === '__proto__') return 'define'
  return into === 'document' && !isDeclared ? 'yield' : 'set'
}

// What is stored and not declared may have the name of a method or a getter: the class has it then, and the database keeps its own.
function setUnlessMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (!(name in target) || Object.hasOwn(target, name)) target[name] = value
}

function define(target: Record<string, unknown>, value: unknown): void {
  Object.defineProperty(target, '__proto__', { value, enumerable: true, writable: true, configurable: true })
}

function readerOf(field: Field | undefined, extent: Extent): Reader {
  if (!field || field.marks.encrypted) return readValue
  if (field.ref) return referenceReader(field)
  if (field.kind === 'long') return readLong
  if (field.element) return listReader(readerOf(field.element, extent))
  if (field.fields) return objectReader(layoutOf(field.fields, field.loose ? 'all' : extent))
  return readValue
}

function referenceReader(field: Field): Reader {
  const mark = field.ref!
  return (bytes, at, type) => {
    const key = readValue(bytes, at, type)
    return key === null || key === undefined ? key : new Reference(mark, key)
  }
}

function listReader(read: Reader): Reader {
  return (bytes, at, type) => (type === 4 ? readList(bytes, at, read) : readValue(bytes, at, type))
}

function objectReader(layout: Layout): Reader {
  return (bytes, at, type) => (type === 3 ? readInto({}, bytes, at, layout) : readValue(bytes, at, type))
}

function readLong(bytes: Buffer, at: number, type: number): unknown {
  if (type === 16) {
    end = at + 4
    return BigInt(bytes.readInt32LE(at))
  }
  if (type === 1) return wholeOf(readValue(bytes, at, type) as number)
  if (type !== 18) return readValue(bytes, at, type)
  end = at + 8
  return bytes.readBigInt64LE(at)
}

// Other programs store whole numbers as doubles.
function wholeOf(value: number): unknown {
  return Number.isSafeInteger(value) ? BigInt(value) : value
}

function readList(bytes: Buffer, start: number, read: Reader): unknown[] {
  const list: unknown[] = []
  let at = start + 4
  for (let type = bytes[at++]!; type !== 0; type = bytes[at++]!) {
    while (bytes[at++] !== 0) {}
    list.push(read(bytes, at, type))
    at = end
  }
  end = at
  return list
}

const plain: Layout = layoutOf([], 'all')

function readValue(bytes: Buffer, at: number, type: number): unknown {
  switch (type) {
    case 1:
      end = at + 8
      return readDouble(bytes, at)
    case 2:
      return readString(bytes, at)
    case 3:
      return readInto({}, bytes, at, plain)
    case 4:
      return readList(bytes, at, readValue)
    case 7:
      end = at + 12
      return readObjectId(bytes, at)
    case 8:
      end = at + 1
      return bytes[at] === 1
    case 9:
      end = at + 8
      return new Date(readInt32(bytes, at + 4) * 4294967296 + (readInt32(bytes, at) >>> 0))
    case 10:
      end = at
      return null
    case 16:
      end = at + 4
      return readInt32(bytes, at)
    case 18:
      return readInt64(bytes, at)
    case 19:
      end = at + 16
      return new Decimal128(Buffer.from(bytes.subarray(at, end)))
    default:
      return readRare(bytes, at, type)
  }
}

function readInt32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

const float = new Float64Array(1)
const floatBytes = new Uint8Array(float.buffer)

function readDouble(bytes: Buffer, at: number): number {
  for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i]!
  return float[0]!
}

function readInt64(bytes: Buffer, at: number): unknown {
  end = at + 8
  const value = readInt32(bytes, at + 4) * 4294967296 + (readInt32(bytes, at) >>> 0)
  return Number.isSafeInteger(value) ? value : new Long(readInt32(bytes, at), readInt32(bytes, at + 4))
}

// The driver's own decoder gives the position as a second argument, which spares a copy; older versions had none.
const PlacedObjectId = ObjectId as unknown as new (bytes: Uint8Array, at: number) => ObjectId
const takesPosition = hasPosition()

function hasPosition(): boolean {
  try {
    return new PlacedObjectId(Uint8Array.of(0, ...Array(12).fill(7)), 1).toHexString() === '07'.repeat(12)
  } catch {
    return false
  }
}

function readObjectId(bytes: Buffer, at: number): ObjectId {
  return takesPosition ? new PlacedObjectId(bytes, at) : new ObjectId(Uint8Array.from(bytes.subarray(at, at + 12)))
}

// Short plain text is put together here: going over to native code costs more than it saves.
function readString(bytes: Buffer, at: number): string {
  const start = at + 4
  const stop = start + readInt32(bytes, at) - 1
  end = stop + 1
  if (stop - start > 20) return textOf(bytes, start, stop)
  let text = ''
  for (let i = start; i < stop; i++) {
    const code = bytes[i]!
    if (code > 127) return textOf(bytes, start, stop)
    text += String.fromCharCode(code)
  }
  return text
}

// What Buffer.toString calls in the end; the types of Node leave it out.
function textOf(bytes: Buffer, start: number, stop: number): string {
  return (bytes as Buffer & { utf8Slice(start: number, stop: number): string }).utf8Slice(start, stop)
}

// Binary, regular expressions, code, timestamps and the deprecated types are left to the driver.
function readRare(bytes: Buffer, at: number, type: number): unknown {
  end = at + sizeOf(bytes, at, type)
  const size = end - at
  const wrapped = Buffer.alloc(size + 8)
  wrapped.writeInt32LE(size + 8, 0)
  wrapped[4] = type
  wrapped[5] = 118
  bytes.copy(wrapped, 7, at, end)
  return BSON.deserialize(wrapped, { promoteBuffers: false }).v
}

function sizeOf(bytes: Buffer, at: number, type: number): number {
  if (type === 5) return bytes.readInt32LE(at) + 5
  if (type === 11) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at
  if (type === 13 || type === 14) return bytes.readInt32LE(at) + 4
  if (type === 12) return bytes.readInt32LE(at) + 16
  if (type === 15) return bytes.readInt32LE(at)
  return type === 17 ? 8 : 0
}
