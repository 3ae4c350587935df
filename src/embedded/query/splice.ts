// Builds a document out of some top-level fields of another, by their bytes.
import { valueEnd } from '../bson/walk.ts'

/** Keeps the named top-level fields, in stored order. */
export function keptFields(bytes: Buffer, names: ReadonlySet<string>): Buffer {
  const parts: [number, number][] = []
  let size = 5
  let missing = names.size
  for (let at = 4; bytes[at] !== 0 && missing > 0; ) {
    const nameEnd = bytes.indexOf(0, at + 1)
    const end = valueEnd(bytes, bytes[at]!, nameEnd + 1)
    if (names.has(bytes.toString('utf8', at + 1, nameEnd))) {
      parts.push([at, end])
      size += end - at
      missing--
    }
    at = end
  }
  return joined(bytes, parts, size)
}

function joined(bytes: Buffer, parts: readonly (readonly [number, number])[], size: number): Buffer {
  const kept = Buffer.allocUnsafe(size)
  let at = kept.writeInt32LE(size, 0)
  for (const [start, end] of parts) {
    kept.set(bytes.subarray(start, end), at)
    at += end - start
  }
  kept[at] = 0
  return kept
}
