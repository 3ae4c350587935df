// Decodes single top-level fields of a document, passing over the bytes of all others.
import { type Document, decodeValue } from './decode.ts'
import { valueEnd } from './walk.ts'

/** Decodes only the named top-level fields, in stored order. */
export function decodeFields(bytes: Uint8Array, fields: ReadonlySet<string>): Document {
  const wanted = wantedOf(fields)
  const found: Document = new Map()
  for (let at = 4; bytes[at] !== 0 && found.size < wanted.length; ) {
    const type = bytes[at]!
    const start = at + 1
    let end = start
    while (bytes[end] !== 0) end++
    const field = fieldAt(bytes, start, { end, wanted })
    if (field !== undefined) found.set(field.name, decodeValue(bytes, type, end + 1))
    at = valueEnd(bytes, type, end + 1)
  }
  return found
}

/** Gives where the elements of named top-level fields begin and end, in stored order: start, end, start, end… */
export function placesOf(bytes: Uint8Array, fields: ReadonlySet<string>): readonly number[] {
  const wanted = wantedOf(fields)
  const places: number[] = []
  for (let at = 4; bytes[at] !== 0 && places.length < 2 * wanted.length; ) {
    const start = at + 1
    let end = start
    while (bytes[end] !== 0) end++
    const after = valueEnd(bytes, bytes[at]!, end + 1)
    if (fieldAt(bytes, start, { end, wanted }) !== undefined) places.push(at, after)
    at = after
  }
  return places
}

/** Finds the first top-level field of a name, given as bytes, and gives the offset of its type; -1 where there is none. */
export function offsetOfField(bytes: Uint8Array, name: Uint8Array): number {
  for (let at = 4; bytes[at] !== 0; ) {
    const start = at + 1
    let end = start
    while (bytes[end] !== 0) end++
    if (end - start === name.length && isNamed(bytes, start, name)) return at
    at = valueEnd(bytes, bytes[at]!, end + 1)
  }
  return -1
}

interface Wanted {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The same sets are asked for again and again: their names are encoded once. */
const known = new WeakMap<ReadonlySet<string>, readonly Wanted[]>()
let lastFields: ReadonlySet<string> | undefined
let lastWanted: readonly Wanted[] = []

function wantedOf(fields: ReadonlySet<string>): readonly Wanted[] {
  if (fields === lastFields) return lastWanted
  const wanted = known.get(fields) ?? [...fields].map(name => ({ name, bytes: new Uint8Array(Buffer.from(name)) }))
  known.set(fields, wanted)
  lastFields = fields
  lastWanted = wanted
  return wanted
}

function fieldAt(
  bytes: Uint8Array,
  start: number,
  { end, wanted }: { readonly end: number; readonly wanted: readonly Wanted[] },
): Wanted | undefined {
  for (const field of wanted) {
    const name = field.bytes
    if (name.length === end - start && isNamed(bytes, start, name)) return field
  }
  return undefined
}

function isNamed(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) if (bytes[start + index] !== name[index]) return false
  return true
}
