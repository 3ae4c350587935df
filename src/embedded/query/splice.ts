// Builds a document out of some top-level fields of another, by their bytes.
import { placesOf } from '../bson/fields.ts'

/** Keeps the named top-level fields, in stored order. */
export function keptFields(bytes: Buffer, names: ReadonlySet<string>): Buffer {
  const places = placesOf(bytes, names)
  let size = 5
  for (let place = 0; place < places.length; place += 2) size += places[place + 1]! - places[place]!
  const kept = Buffer.allocUnsafe(size)
  let at = kept.writeInt32LE(size, 0)
  for (let place = 0; place < places.length; place += 2) at += bytes.copy(kept, at, places[place]!, places[place + 1]!)
  kept[at] = 0
  return kept
}
