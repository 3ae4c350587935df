// Says which value of which document is a duplicate in a unique index, in MongoDB's words.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { encodeKey } from '../keys/encode.ts'
import { textOf } from '../values/text.ts'
import type { Collection, Index } from './catalog.ts'
import { indexedPart } from './indexed-part.ts'

export function duplicateKey(
  collection: Collection,
  index: Index,
  found: { readonly key: Buffer; readonly bytes: Buffer },
): CommandError {
  const values = valuesOf(index, found)
  const keyPattern = index.raw.get('key') as Document
  const keyValue = new Map(index.key.map(([path], at) => [path, values[at] ?? null]))
  const where = `collection: ${collection.namespace} index: ${index.name}`
  const collated = index.collation ? ` collation: ${textOf(index.collation.spec)}` : ''
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error ${where}${collated} dup key: ${textOf(keyValue)}`,
    {
      fields: new Map<string, Value>([
        ['keyPattern', keyPattern],
        ['keyValue', keyValue],
      ]),
    },
  )
}

/** Finds the values behind a key: with arrays in the document there are several tuples to try. */
function valuesOf(
  index: Index,
  { key, bytes }: { readonly key: Buffer; readonly bytes: Buffer },
): (Value | undefined)[] {
  const document = indexedPart(bytes, index.fields)
  const directions = index.key.map(([, direction]) => direction)
  let tuples: (Value | undefined)[][] = [[]]
  for (const [path] of index.key) {
    const candidates = candidatesAt(document, path.split('.'))
    tuples = tuples.flatMap(tuple => candidates.map(candidate => [...tuple, candidate]))
  }
  return tuples.find(tuple => encodeKey(tuple, directions, index.collation).equals(key)) ?? tuples[0]!
}

function candidatesAt(value: Value | undefined, parts: readonly string[]): (Value | undefined)[] {
  const [part, ...rest] = parts
  if (part === undefined) return Array.isArray(value) ? [...value, value] : [value]
  if (value instanceof Map) return candidatesAt(value.get(part), rest)
  if (!Array.isArray(value)) return [undefined]
  const position = /^\d+$/.test(part) ? candidatesAt(value[Number(part)], rest) : []
  return [
    ...position,
    ...value.flatMap(element => (element instanceof Map ? candidatesAt(element, parts) : [undefined])),
  ]
}
