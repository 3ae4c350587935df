// Makes a collection a capped one, which loses its oldest documents when it is full.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, collectionName } from '../operation/arguments.ts'
import { cappedSize } from '../operation/collection-kinds.ts'
import { existing, onView } from '../operation/namespace.ts'
import type { Command, Operation } from '../operation/room.ts'
import { excessOf, limitsOf } from '../store/capped.ts'
import { dropIndexes, setOptions } from '../store/catalog-changes.ts'
import { CollectionWriter } from '../store/collection-writer.ts'
import type { Data } from '../store/data.ts'

export const convertToCapped: Command = {
  help: 'makes a collection a capped one',
  run: operation => {
    const { request } = operation
    checkCommand(request, { size: 'number' }, ['size'])
    const name = collectionName(request)
    return operation.write(data => convert(operation, data, name))
  },
}

/** The documents stay, as many as fit; indexes other than the one on _id do not. */
function convert({ request, room }: Operation, data: Data, name: string): Document {
  const place = { db: request.db, name }
  const collection = existing(room, data, place)
  if (collection.view) throw onView(collection.namespace)
  if (collection.options.has('timeseries'))
    throw new CommandError('InvalidOptions', 'a time-series collection cannot become a capped one')
  dropIndexes(
    data,
    collection,
    collection.indexes.filter(index => index.name !== '_id_'),
  )
  const options: Document = new Map<string, Value>(collection.options)
  options.set('capped', true).set('size', cappedSize(request.body.get('size')))
  setOptions(data, existing(room, data, place), options)
  trim(data, existing(room, data, place))
  return new Map()
}

/** Takes out the oldest documents of a collection that holds more than it may. */
export function trim(data: Data, collection: ReturnType<typeof existing>): void {
  const writer = new CollectionWriter(data, collection)
  const limits = limitsOf(collection)
  if (limits) for (const { record, bytes } of excessOf(data, collection, limits)) writer.remove(record, bytes)
}
