// Says how large a collection and its indexes are.
import { checkCommand, collectionName } from '../operation/arguments.ts'
import { onView } from '../operation/namespace.ts'
import type { Command } from '../operation/room.ts'
import { scaleOf, storageStatistics } from '../query/statistics.ts'

export const collStats: Command = {
  help: 'says how large a collection is',
  run: ({ request, room, data }) => {
    checkCommand(request, { scale: 'number' })
    const name = collectionName(request)
    const collection = room.catalog.collection(data, request.db, name)
    if (collection?.view) throw onView(collection.namespace)
    const statistics = storageStatistics(data, collection, scaleOf(request.body))
    return new Map([['ns', `${request.db}.${name}`], ...statistics])
  },
}
