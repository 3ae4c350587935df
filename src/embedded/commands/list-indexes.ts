// Lists the indexes of a collection.

import type { Document } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { checkCommand, collectionName, countAt, objectAt } from '../operation/arguments.ts'
import { firstReply } from '../operation/first-batch.ts'
import { existing, onView } from '../operation/namespace.ts'
import type { Command } from '../operation/room.ts'
import { Scans } from '../query/scans.ts'
import type { Collection, Index } from '../store/catalog.ts'

export const listIndexes: Command = {
  help: 'lists indexes',
  run: operation => {
    const { request, room, data } = operation
    checkCommand(request, { cursor: 'object', includeBuildUUIDs: 'bool', includeIndexBuildInfo: 'bool' })
    const name = collectionName(request)
    const collection = existing(room, data, { db: request.db, name })
    if (collection.view) throw onView(collection.namespace)
    return firstReply(operation, {
      namespace: collection.namespace,
      results: collection.indexes.map(index => encodeDocument(described(index, collection))),
      scans: new Scans(),
      batchSize: countAt(objectAt(request.body, 'cursor') ?? new Map(), 'batchSize', 'listIndexes.cursor'),
    })
  },
}

/** The order of a clustered collection is told in place of its index on _id. */
function described({ name, raw }: Index, { options }: Collection): Document {
  const clustered = options.get('clusteredIndex')
  return name === '_id_' && clustered instanceof Map ? new Map(clustered).set('clustered', true) : raw
}
