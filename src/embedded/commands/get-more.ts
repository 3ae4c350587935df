// Gives the next batch of an open cursor.

import { CommandError } from '../errors.ts'
import { checkCommand, countAt } from '../operation/arguments.ts'
import type { Command, Operation } from '../operation/room.ts'
import { integerOf } from '../values/numbers.ts'
import { cursorBody } from '../wire/reply.ts'

export const getMore: Command = {
  help: 'gives the next batch of a cursor',
  inTransactions: true,
  run: operation => {
    const { request, room } = operation
    checkCommand(request, { collection: 'string', batchSize: 'number', maxTimeMS: 'number', term: 'number' }, [
      'collection',
    ])
    const id = integerOf(request.body.get('getMore'))
    if (id === undefined)
      throw new CommandError('TypeMismatch', "BSON field 'getMore.getMore' is the wrong type, expected type 'long'")
    return next(operation, room.cursors.get(id))
  },
}

function next({ request, room, session, transaction }: Operation, cursor: ReturnType<typeof room.cursors.get>): Buffer {
  const { source, id } = cursor
  const namespace = `${request.db}.${String(request.body.get('collection'))}`
  if (namespace !== source.namespace)
    throw new CommandError(
      'Unauthorized',
      `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${source.namespace}`,
    )
  if (source.session !== undefined && source.session !== session?.id)
    throw new CommandError(50737, `Cannot run getMore on cursor ${id}, which was created in another session`)
  if (source.transaction !== transaction?.number)
    throw new CommandError(50740, `Cannot run getMore on cursor ${id}, which was created in another transaction`)
  try {
    const batch = cursor.fill(countAt(request.body, 'batchSize', 'getMore') || Number.POSITIVE_INFINITY)
    if (cursor.isExhausted) room.cursors.close(id)
    return cursorBody({ id: cursor.isExhausted ? 0n : id, namespace, field: 'nextBatch', batch })
  } catch (error) {
    room.cursors.close(id)
    throw error
  }
}
