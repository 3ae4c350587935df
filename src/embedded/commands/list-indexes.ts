// Lists the indexes of a collection.
import { checkCommand, collectionName, countAt, objectAt } from '../arguments.ts'
import { encodeDocument } from '../bson-encode.ts'
import { firstReply } from '../first-batch.ts'
import { existing, onView } from '../namespace.ts'
import { Scans } from '../query/scans.ts'
import type { Command } from '../room.ts'

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
      results: collection.indexes.map(({ raw }) => encodeDocument(raw)),
      scans: new Scans(),
      batchSize: countAt(objectAt(request.body, 'cursor') ?? new Map(), 'batchSize', 'listIndexes.cursor'),
    })
  },
}
