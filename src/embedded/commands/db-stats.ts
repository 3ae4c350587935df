// Says how large a database is, and how much room the disk has.
import { statfsSync } from 'node:fs'
import { document } from '../bson/literal.ts'
import { checkCommand } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { scaleOf, storageOf } from '../query/statistics.ts'
import { sizesOf } from '../store/sizes.ts'

export const dbStats: Command = {
  help: 'says how large a database is',
  run: operation => {
    const { request } = operation
    checkCommand(request, { scale: 'number', freeStorage: 'number' })
    const scale = scaleOf(request.body)
    const scaled = (bytes: number) => bytes / scale
    const { views, collections, objects, dataSize, storageSize, indexes, indexSize } = totals(operation)
    const disk = statfsSync(operation.room.store.path)
    return document({
      db: request.db,
      collections,
      views,
      objects,
      avgObjSize: objects > 0 ? dataSize / objects : 0,
      dataSize: scaled(dataSize),
      storageSize: scaled(storageSize),
      indexes,
      indexSize: scaled(indexSize),
      totalSize: scaled(storageSize + indexSize),
      scaleFactor: scale,
      fsUsedSize: scaled((disk.blocks - disk.bfree) * disk.bsize),
      fsTotalSize: scaled(disk.blocks * disk.bsize),
    })
  },
}

function totals({ request, room, data }: Operation) {
  const sum = { views: 0, collections: 0, objects: 0, dataSize: 0, storageSize: 0, indexes: 0, indexSize: 0 }
  for (const collection of room.catalog.collections(data, request.db)) {
    if (collection.view) {
      sum.views++
      continue
    }
    const { documents, bytes, indexes } = sizesOf(data, collection)
    sum.collections++
    sum.objects += documents
    sum.dataSize += bytes
    sum.storageSize += storageOf({ documents, bytes })
    sum.indexes += Object.keys(indexes).length
    for (const size of Object.values(indexes)) sum.indexSize += size
  }
  return sum
}
