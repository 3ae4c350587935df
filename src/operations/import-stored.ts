// What of an import is stored already: what a batch meets, and what an attempt before it has written.
import { BSON, BSONRegExp, type Document } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import { type Stored, storedFrom } from '../runtime/codec.ts'
import { run } from '../runtime/execute.ts'
import { idsThere, keyOf, keyOfId } from './archive-bytes.ts'
import { type StoredMap, storedMap } from './formats/stored-map.ts'
import type { Prepared } from './import-document.ts'
import { duplicateProblem } from './import-write.ts'

/** Reads the documents that any of some filters finds, by the keys of their ids. */
export async function storedBy(
  definition: ModelDefinition,
  filters: readonly Document[],
): Promise<ReadonlyMap<string, Stored>> {
  const found = await read(definition, anyOf(filters))
  return new Map(found.map(bytes => [keyOf(bytes), storedFrom(bytes)]))
}

/** Tells which of some documents are stored just as they are; ciphertext and what was filled in may differ. */
export async function storedAlready(
  definition: ModelDefinition,
  documents: readonly Prepared[],
): Promise<ReadonlySet<Prepared>> {
  const ids = documents.map(({ document }) => document!.get('_id'))
  const found = await read(definition, { _id: { $in: ids } })
  const stored = new Map(found.map(bytes => [keyOf(bytes), storedMap(bytes)]))
  const hidden = encryptedFields(definition).map(field => field.name)
  const isThere = ({ document, filled = [] }: Prepared) => {
    const there = stored.get(keyOfId(document!.get('_id')))
    const without = new Set([...hidden, ...filled])
    return there !== undefined && textOf(there, without) === textOf(document!, without)
  }
  return new Set(documents.filter(isThere))
}

/** Tells whose `_id` another document has, and how that is said. */
export async function idsTaken(
  definition: ModelDefinition,
  documents: readonly Prepared[],
): Promise<ReadonlyMap<Prepared, string>> {
  const writable = documents.filter(one => one.document)
  const idOf = ({ document }: Prepared) => document!.get('_id')
  const there = await idsThere(definition, writable.map(idOf))
  const taken = writable.filter(one => there.has(keyOfId(idOf(one))))
  return new Map(taken.map(one => [one, duplicateProblem(definition, { _id: idOf(one) })]))
}

function textOf(document: StoredMap, without: ReadonlySet<string>): string {
  const shown = new Map([...document].filter(([name]) => !without.has(name)))
  return Buffer.from(BSON.serialize(shown)).toString('latin1')
}

async function read(definition: ModelDefinition, filter: Document): Promise<readonly Buffer[]> {
  const found = await run(definition, { operation: 'find', filter: {} }, (collection, session) =>
    collection.find(filter, { raw: true, ...session }).toArray(),
  )
  return (found as unknown as Uint8Array[]).map(bytes => Buffer.from(bytes))
}

// One condition with all values is far quicker than as many conditions; but in a list, a pattern matches.
function anyOf(filters: readonly Document[]): Document {
  const paths = new Set(filters.flatMap(filter => Object.keys(filter)))
  const [path = '_id'] = paths
  const values = filters.map(filter => filter[path]?.$eq)
  if (paths.size > 1 || values.some(value => value instanceof BSONRegExp)) return { $or: filters }
  return { [path]: { $in: values } }
}
