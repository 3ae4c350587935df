// Drops a collection or a view.

import { int32, type Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { checkCommand, collectionName } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
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
