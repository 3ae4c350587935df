// Drops indexes by name, by key, or all but the one on _id.

import { int32, type Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collectionName } from '../operation/arguments.ts'
import { onView } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import type { Collection, Index } from '../store/catalog.ts'
import { dropIndexes as dropFrom } from '../store/catalog-changes.ts'
import type { Data } from '../store/data.ts'
import { removeDiscarded } from '../store/discarded.ts'
import { findIndex } from '../store/index-names.ts'
import { textOf } from '../values/text.ts'

export const dropIndexes: Command = {
  help: 'drops indexes',
  run: async operation => {
    const { request, room } = operation
    checkCommand(request, { index: 'any', collectionUUID: 'any' }, ['index'])
    const name = collectionName(request)
    const reply = await operation.write(data => dropNamed(operation, data, name))
    await removeDiscarded(room.store)
    return reply
  },
}

function dropNamed({ request, room }: Operation, data: Data, name: string) {
  const collection = room.catalog.collection(data, request.db, name)
  if (!collection) throw new CommandError('NamespaceNotFound', `ns not found ${request.db}.${name}`)
  if (collection.view) throw onView(collection.namespace)
  dropFrom(data, collection, named(collection, request.body.get('index')!))
  return document({ nIndexesWas: int32(collection.indexes.length) })
}

function named(collection: Collection, names: Value): readonly Index[] {
  if (names === '*') return collection.indexes.slice(1)
  return (Array.isArray(names) ? names : [names]).map(name => one(collection, name))
}

function one(collection: Collection, name: Value): Index {
  if (typeof name !== 'string' && !(name instanceof Map))
    throw new CommandError('TypeMismatch', "BSON field 'dropIndexes.index' must be a string, an object or an array")
  const index = findIndex(collection, name)
  if (!index)
    throw new CommandError(
      'IndexNotFound',
      typeof name === 'string' ? `index not found with name [${name}]` : `can't find index with key: ${textOf(name)}`,
    )
  if (index.name === '_id_') throw new CommandError('InvalidOptions', 'cannot drop _id index')
  return index
}
