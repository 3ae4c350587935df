// Where references lie in documents: the places of a path, and which of them refer to the same document.
import { BSON, Long, ObjectId } from 'mongodb'
import { type Field, innermost } from '../models/field.ts'
import { isReference, type RefMark, refKey } from '../models/ref.ts'
import type { DocumentBase } from './document.ts'

/** A place that holds a reference: the object or list, and the name in it. */
export interface Place {
  readonly owner: DocumentBase
  readonly holder: Record<string, unknown>
  readonly name: string
}

/** The places that refer to one document. */
export interface Referrers {
  readonly key: unknown
  readonly places: Place[]
}

/** Walks from documents through embedded objects and lists to the places of the first reference of the path. */
export function placesOf(owners: readonly DocumentBase[], fields: readonly Field[], segments: readonly string[]) {
  let spots = owners.map(owner => ({ owner, value: owner as Record<string, unknown> }))
  for (const [i, segment] of segments.entries()) {
    const field = fields.find(candidate => candidate.name === segment)!
    const leaf = innermost(field)
    if (leaf.ref) {
      const places: Place[] = []
      for (const { owner, value } of spots) addPlaces({ owner, holder: value, name: segment }, places)
      return { leaf, rest: segments.slice(i + 1), places }
    }
    spots = spots.flatMap(spot => objectsIn(spot.value[segment]).map(value => ({ owner: spot.owner, value })))
    fields = leaf.fields ?? []
  }
  return undefined
}

/** Puts the places together that refer to one document; thousands go through here, so each key is read only once. */
export function referrersIn(places: readonly Place[], mark: RefMark): ReadonlyMap<string, Referrers> {
  const open = new Map<string, Referrers>()
  for (const place of places) {
    const value = place.holder[place.name]
    if (!isReference(value)) continue
    const key = refKey(value, mark)
    const text = keyText(key)
    const there = open.get(text)
    if (there) there.places.push(place)
    else open.set(text, { key, places: [place] })
  }
  return open
}

/** Writes a key so that equal ones are equal text. */
export function keyText(key: unknown): string {
  if (!(key instanceof ObjectId)) return `\u2192${otherText(key)}`
  // Its bytes as letters: hex text takes twice as long. Other keys begin with a letter that no byte is.
  const b = key.id
  return String.fromCharCode(b[0]!, b[1]!, b[2]!, b[3]!, b[4]!, b[5]!, b[6]!, b[7]!, b[8]!, b[9]!, b[10]!, b[11]!)
}

// A number is the same key in whatever type it is stored; objects are told apart by all that is in them.
function otherText(key: unknown): string {
  if (typeof key === 'string') return `text ${key}`
  if (typeof key === 'number' || typeof key === 'bigint' || key instanceof Long) return `number ${String(key)}`
  return BSON.EJSON.stringify({ key }, { relaxed: false })
}

function addPlaces(place: Place, places: Place[]): void {
  const value = place.holder[place.name]
  if (Array.isArray(value))
    for (let i = 0; i < value.length; i++)
      addPlaces({ owner: place.owner, holder: value as never, name: String(i) }, places)
  else if (value !== null && value !== undefined) places.push(place)
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : []
}
