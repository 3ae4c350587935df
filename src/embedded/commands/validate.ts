// Checks a collection: that its documents are sound BSON, and that each index has exactly their keys.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collectionName, flagAt } from '../operation/arguments.ts'
import { onView } from '../operation/namespace.ts'
import type { Command } from '../operation/room.ts'
import { checkCollection } from '../store/collection-check.ts'

export const validate: Command = {
  help: 'checks the documents and indexes of a collection',
  run: ({ request, room, data }) => {
    checkCommand(request, FIELDS)
    const name = collectionName(request)
    const collection = room.catalog.collection(data, request.db, name)
    if (collection?.view) throw onView(collection.namespace)
    if (!collection)
      throw new CommandError('NamespaceNotFound', `Collection '${request.db}.${name}' does not exist to validate.`)
    if (flagAt(request.body, 'repair'))
      throw new CommandError('CommandNotSupported', 'validate: the embedded database does not repair')
    const { documents, keysPerIndex, errors } = checkCollection(data, collection)
    return document({
      ns: collection.namespace,
      uuid: collection.uuid,
      nrecords: documents,
      nIndexes: collection.indexes.length,
      keysPerIndex: Object.fromEntries(keysPerIndex),
      indexDetails: Object.fromEntries(
        [...keysPerIndex.keys()].map(index => [index, { valid: isSound(index, errors) }]),
      ),
      valid: errors.length === 0,
      repaired: false,
      warnings: [],
      errors,
    })
  },
}

const FIELDS = {
  full: 'bool',
  repair: 'bool',
  metadata: 'bool',
  checkBSONConformance: 'bool',
  background: 'bool',
} as const

function isSound(index: string, errors: readonly string[]): boolean {
  return !errors.some(error => error.startsWith(`index ${index} `))
}
