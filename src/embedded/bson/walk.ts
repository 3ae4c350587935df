// Walks the top-level elements of a BSON document without decoding their values.

/** The lengths of the types whose values all have the same one. */
export const FIXED_LENGTHS: Readonly<Record<number, number>> = {
  1: 8,
  6: 0,
  7: 12,
  8: 1,
  9: 8,
  10: 0,
  16: 4,
  17: 8,
  18: 8,
  19: 16,
  127: 0,
  255: 0,
}

export interface Element {
  readonly type: number
  readonly name: string
  /** offset of the type byte */
  readonly start: number
  readonly valueStart: number
  readonly valueEnd: number
}

/** Gives each top-level element in stored order. */
export function* elements(bytes: Uint8Array, start = 0): Generator<Element> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = start + 4; buffer[at] !== 0; ) {
    const type = buffer[at]!
    const nameEnd = buffer.indexOf(0, at + 1)
    const end = valueEnd(buffer, type, nameEnd + 1)
    yield { type, name: buffer.toString('utf8', at + 1, nameEnd), start: at, valueStart: nameEnd + 1, valueEnd: end }
    at = end
  }
}

/** Finds the top-level element named _id, or gives undefined. */
export function findId(bytes: Uint8Array): Element | undefined {
  for (let at = 4; bytes[at] !== 0; ) {
    const nameEnd = endOfName(bytes, at + 1)
    const end = valueEnd(bytes, bytes[at]!, nameEnd + 1)
    if (isId(bytes, at + 1)) return { type: bytes[at]!, name: '_id', start: at, valueStart: nameEnd + 1, valueEnd: end }
    at = end
  }
  return undefined
}

/** FIXED_LENGTHS as a table, which every step of every walk looks into; -1 where the value says its length. */
const LENGTHS = Int8Array.from({ length: 256 }, (_, type) => FIXED_LENGTHS[type] ?? -1)

/** Gives the offset after the value of a BSON type that begins at `start`. */
export function valueEnd(bytes: Uint8Array, type: number, start: number): number {
  const fixed = LENGTHS[type]!
  if (fixed >= 0) return start + fixed
  if (type === 3 || type === 4 || type === 15) return start + uint32(bytes, start)
  if (type === 2 || type === 13 || type === 14) return start + 4 + uint32(bytes, start)
  if (type === 5) return start + 5 + uint32(bytes, start)
  if (type === 12) return start + 16 + uint32(bytes, start)
  if (type === 11) return bytes.indexOf(0, bytes.indexOf(0, start) + 1) + 1
  throw new TypeError(`no BSON type ${type}`)
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** Gives the offset of the 0 that ends the name that begins at `start`. */
export function endOfName(bytes: Uint8Array, start: number): number {
  let end = start
  while (bytes[end] !== 0) end++
  return end
}

function isId(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === 0x5f && bytes[start + 1] === 0x69 && bytes[start + 2] === 0x64 && bytes[start + 3] === 0
}
