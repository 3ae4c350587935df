// Creates indexes and fills them with the keys of the documents that are there.

import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { indexSpecOf } from '../keys/index-spec.ts'
import { checkCommand, collectionName } from '../operation/arguments.ts'
import { collectionToWrite } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import type { Collection } from '../store/catalog.ts'
import { addIndexes } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import { buildIndexes, newIndexes } from '../store/index-creation.ts'

export const createIndexes: Command = {
  help: 'creates indexes',
  inTransactions: true,
  run: operation => {
    const { request } = operation
    checkCommand(request, { indexes: 'array', commitQuorum: 'any', ignoreUnknownIndexOptions: 'bool' }, ['indexes'])
    const name = collectionName(request)
    const specs = (request.body.get('indexes') as Value[]).map(specOf)
    if (specs.length === 0) throw new CommandError('BadValue', 'Must specify at least one index to create')
    return operation.write(data => add(operation, data, { name, specs }))
  },
}

/** Puts the fields of a specification into the order in which they are listed. */
function specOf(given: Value): Document {
  if (!(given instanceof Map))
    throw new CommandError('TypeMismatch', 'The elements of the "indexes" array must be objects')
  indexSpecOf(given)
  const { v = int32(2), key, name, ns: _ns, background: _background, ...rest } = Object.fromEntries(given)
  const spec: Document = new Map<string, Value>([
    ['v', v],
    ['key', key!],
    ['name', name!],
  ])
  for (const field of Object.keys(rest)) if (rest[field] !== false) spec.set(field, rest[field]!)
  return spec
}

function add(
  { request, room }: Operation,
  data: Data,
  { name, specs }: { readonly name: string; readonly specs: readonly Document[] },
): Document {
  const { db } = request
  const isNew = room.catalog.collection(data, db, name) === undefined
  const collection = collectionToWrite(room, data, { db, name })
  const added = newIndexes(collection, specs)
  if (added.length > 0) {
    addIndexes(
      data,
      collection,
      added.map(spec => ({ spec, multikey: [], truncated: false })),
    )
    const grown = room.catalog.collection(data, db, name)!
    buildIndexes(data, grown, grown.indexes.slice(collection.indexes.length))
  }
  return replyOf(collection, { added: added.length, isNew })
}

function replyOf(
  { indexes }: Collection,
  { added, isNew }: { readonly added: number; readonly isNew: boolean },
): Document {
  const reply: Document = new Map<string, Value>([
    ['numIndexesBefore', int32(indexes.length)],
    ['numIndexesAfter', int32(indexes.length + added)],
    ['createdCollectionAutomatically', isNew],
  ])
  if (added === 0) reply.set('note', 'all indexes already exist')
  return reply
}
