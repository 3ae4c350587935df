// Drops a collection or a view.
import { checkCommand, collectionName } from '../arguments.ts'
import { int32, type Value } from '../bson.ts'
import { document } from '../literal.ts'
import type { Command, Operation } from '../room.ts'
import { dropCollection } from '../store/catalog-changes.ts'
import { removeDiscarded } from '../store/discarded.ts'

export const drop: Command = {
  help: 'drops a collection',
  run: async operation => {
    const { request, room } = operation
    checkCommand(request, { collectionUUID: 'any' })
    const reply = await dropNamed(operation, collectionName(request))
    await removeDiscarded(room.store)
    return reply
  },
}

function dropNamed({ request, room, write }: Operation, name: string) {
  return write(data => {
    const found = room.catalog.collection(data, request.db, name)
    if (!found) return document({})
    dropCollection(data, found)
    const counted: [string, Value][] = found.view ? [] : [['nIndexesWas', int32(found.indexes.length)]]
    return new Map<string, Value>([...counted, ['ns', found.namespace]])
  })
}
