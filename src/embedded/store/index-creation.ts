// Decides which of the asked-for indexes are new, and refuses those that clash with what is there.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { indexSpecOf } from '../keys/index-spec.ts'
import { textOf } from '../values/text.ts'
import { equalValues } from '../values/values.ts'
import type { Collection, Index } from './catalog.ts'
import { CollectionWriter } from './collection-writer.ts'
import type { Data } from './data.ts'
import { hasKey } from './index-names.ts'

const MOST_INDEXES = 64

/** Gives the specifications of the indexes to be built. */
export function newIndexes(collection: Collection, specs: readonly Document[]): Document[] {
  const known: Pick<Index, 'name' | 'raw'>[] = [...collection.indexes]
  const added: Document[] = []
  for (const given of specs) {
    const spec = withCollation(given, collection)
    if (collection.options.has('timeseries') && spec.get('unique') === true)
      throw new CommandError('InvalidOptions', 'Unique indexes are not supported on time-series collections')
    if (isIdIndex(spec) || isThere(known, spec)) continue
    known.push({ name: spec.get('name') as string, raw: spec })
    added.push(spec)
  }
  if (known.length > MOST_INDEXES)
    throw new CommandError(
      'CannotCreateIndex',
      `add index fails, too many indexes for ${collection.namespace} key:${textOf(added.at(-1)?.get('key'))}`,
    )
  return added
}

/** All documents give their keys to the indexes. */
export function buildIndexes(data: Data, collection: Collection, indexes: readonly Index[]): void {
  const writer = new CollectionWriter(data, collection)
  for (const { record, bytes } of data.documents.range(collection.id, {})) writer.addToIndexes(indexes, bytes, record)
  writer.finish()
}

/** An index takes the collation of its collection, and says the whole of its own. */
function withCollation(spec: Document, collection: Collection): Document {
  const asked = spec.has('collation') ? indexSpecOf(spec).collation : collection.collation
  const collated: Document = new Map(spec)
  collated.delete('collation')
  return asked ? collated.set('collation', asked.spec) : collated
}

/** Under whatever name it is asked for, it is the one that every collection has. */
function isIdIndex(spec: Document): boolean {
  const key = spec.get('key') as Document
  return key.size === 1 && key.has('_id') && indexSpecOf(spec).key[0]![1] === 1
}

const SIGNATURE = ['collation', 'partialFilterExpression', 'unique', 'sparse', 'wildcardProjection']

function isThere(known: readonly Pick<Index, 'name' | 'raw'>[], spec: Document): boolean {
  const same = known.find(({ raw }) => isSameSignature(raw, spec))
  const name = spec.get('name') as string
  if (same && same.name !== name)
    throw new CommandError('IndexOptionsConflict', `Index already exists with a different name: ${same.name}`)
  if (same && isSameOptions(same.raw, spec)) return true
  if (same)
    throw new CommandError(
      'IndexOptionsConflict',
      `An equivalent index already exists with the same name but different options. Requested index: ${textOf(spec)}, existing index: ${textOf(same.raw)}`,
    )
  const named = known.find(index => index.name === name)
  if (!named) return false
  throw new CommandError(
    'IndexKeySpecsConflict',
    `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${textOf(spec)}, existing index: ${textOf(named.raw)}`,
  )
}

function isSameSignature(a: Document, b: Document): boolean {
  return hasKey({ raw: a } as Index, b.get('key')!) && SIGNATURE.every(field => isSame(a.get(field), b.get(field)))
}

function isSameOptions(a: Document, b: Document): boolean {
  return isSame(a.get('expireAfterSeconds'), b.get('expireAfterSeconds'))
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return equalValues(a, b)
}
