// Changes top-level fields of a document by replacing their bytes; all others stay the bytes they were.
import type { Value } from './decode.ts'
import { encodeValue } from './encode.ts'
import { offsetOfField } from './fields.ts'
import { endOfName, valueEnd } from './walk.ts'

/** Gives new bytes: fields change in their places, new ones come last, and those of undefined are left out. */
export function withFields(bytes: Buffer, changes: ReadonlyMap<string, Value | undefined>): Buffer {
  const edits = [...changes].map(([name, value]) => editOf(bytes, name, value)).sort((a, b) => a.start - b.start)
  const size = edits.reduce((sum, { start, end, element }) => sum + element.length - (end - start), bytes.length)
  const changed = Buffer.allocUnsafe(size)
  let at = 0
  let copied = 0
  for (const { start, end, element } of edits) {
    at += bytes.copy(changed, at, copied, start)
    changed.set(element, at)
    at += element.length
    copied = end
  }
  bytes.copy(changed, at, copied)
  changed.writeInt32LE(size, 0)
  return changed
}

/** What stands between two offsets is replaced by an element. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly element: Uint8Array
}

const NOTHING = new Uint8Array(0)

function editOf(bytes: Buffer, name: string, value: Value | undefined): Edit {
  const nameBytes = Buffer.from(name)
  const element = value === undefined ? NOTHING : elementOf(nameBytes, value)
  const start = offsetOfField(bytes, nameBytes)
  if (start < 0) return { start: bytes.length - 1, end: bytes.length - 1, element }
  return { start, end: valueEnd(bytes, bytes[start]!, endOfName(bytes, start + 1) + 1), element }
}

function elementOf(name: Buffer, value: Value): Buffer {
  const encoded = encodeValue(value)
  const element = Buffer.allocUnsafe(name.length + 2 + encoded.bytes.length)
  element[0] = encoded.type
  element.set(name, 1)
  element[name.length + 1] = 0
  element.set(encoded.bytes, name.length + 2)
  return element
}
