// Looks, before anything comes back from an archive, for documents and unique values that are in the way.
import { BSON, type Document, type IndexDescriptionInfo } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { collectionOf } from '../runtime/execute.ts'
import { digestOf, digestsOf, exactly, keyOfId } from './archive-bytes.ts'
import type { ArchiveSource } from './archive-source.ts'

const BATCH = 500
const SHOWN = 5

/** Refuses a restore that some documents are in the way of. Throws `ARCHIVE_CLASHES`. */
export async function refuseClashes(definition: ModelDefinition, source: ArchiveSource): Promise<number> {
  const collection = await collectionOf(definition)
  const unique = (await collection.indexes().catch(() => [])).filter(index => index.unique)
  const clashes: string[] = []
  let documents = 0
  for (let at: unknown = null, found = await source.next(at, BATCH); found; found = await source.next(at, BATCH)) {
    at = found.next
    documents += found.documents.size
    const bytes = [...found.documents.values()]
    clashes.push(...(await idClashes(definition, found.documents)))
    for (const index of unique) clashes.push(...(await valueClashes({ definition, source, index }, bytes)))
  }
  await source.close()
  if (clashes.length === 0) return documents
  const more = clashes.length > SHOWN ? `, and ${clashes.length - SHOWN} more` : ''
  const reason = `${clashes.slice(0, SHOWN).join('; ')}${more}`
  throw new GooseError('ARCHIVE_CLASHES', { count: clashes.length, model: definition.name, reason })
}

// A document that is the same in both places was restored before, by a run that was interrupted.
async function idClashes(
  definition: ModelDefinition,
  documents: ReadonlyMap<string, Uint8Array>,
): Promise<readonly string[]> {
  const ids = [...documents.values()].map(bytes => BSON.deserialize(bytes, exactly)._id)
  const living = await digestsOf(definition, { _id: { $in: ids } })
  return [...living]
    .filter(([key, digest]) => digest !== digestOf(documents.get(key) ?? new Uint8Array()))
    .map(([key]) => `_id ${shown(BSON.deserialize(documents.get(key) ?? BSON.serialize({}))._id)} is taken`)
}

interface Looked {
  readonly definition: ModelDefinition
  readonly source: ArchiveSource
  readonly index: IndexDescriptionInfo
}

async function valueClashes(
  { definition, source, index }: Looked,
  bytes: readonly Uint8Array[],
): Promise<readonly string[]> {
  const partial = index.partialFilterExpression as Document | undefined
  // Which documents of a file a partial index would hold, only a server can say: the insert itself will.
  if (partial && source.place.kind === 'file') return []
  const documents = bytes.map(found => BSON.deserialize(found, exactly))
  const held =
    partial && source.place.kind === 'collection'
      ? await heldBy(source.place.definition, partial, documents)
      : documents
  const paths = Object.keys(index.key)
  const wanted = held
    .map(document => paths.map(path => [path, valuesAt(document, path.split('.'))] as const))
    .filter(entries => !index.sparse || entries.some(([, values]) => values.length > 0))
    .map(entries => Object.fromEntries(entries.map(([path, values]) => [path, conditionOf(values)])))
  if (wanted.length === 0) return []
  const mine = documents.map(({ _id }) => _id)
  const filter = { $and: [{ $or: wanted }, { _id: { $nin: mine } }, ...(partial ? [partial] : [])] }
  const collation = index.collation ? { collation: index.collation as never } : {}
  const others = await (await collectionOf(definition)).find(filter as Document, { ...collation, limit: 100 }).toArray()
  return others.map(
    other => `${paths.join(', ')} ${paths.map(path => shown(valuesAt(other, path.split('.'))[0])).join(', ')} is taken`,
  )
}

async function heldBy(
  archive: ModelDefinition,
  partial: Document,
  documents: readonly Document[],
): Promise<readonly Document[]> {
  const ids = documents.map(({ _id }) => _id)
  const held = new Set<string>()
  const filter = { $and: [{ _id: { $in: ids } }, partial] }
  for (const key of (await digestsOf(archive, filter, [])).keys()) held.add(key)
  return documents.filter(({ _id }) => held.has(keyOfId(_id)))
}

function conditionOf(values: readonly unknown[]): Document {
  if (values.length === 0) return { $eq: null }
  return values.length === 1 ? { $eq: values[0] } : { $in: values }
}

/** Gives the values a path has in a document, those of lists one by one. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (Array.isArray(value)) {
    if (name === undefined) return value
    const own = /^\d+$/.test(name) ? valuesAt(value[Number(name)], rest) : []
    return [...own, ...value.flatMap(item => (Array.isArray(item) ? [] : valuesAt(item, [name, ...rest])))]
  }
  if (name === undefined) return value === undefined ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return valuesAt((value as Document)[name], rest)
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : String((value as Document | undefined)?.toString() ?? value)
}
