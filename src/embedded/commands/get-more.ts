// Gives the next batch of an open cursor.

import { setTimeout } from 'node:timers/promises'
import { CommandError } from '../errors.ts'
import { checkCommand, countAt, numberAt } from '../operation/arguments.ts'
import type { Cursor } from '../operation/cursors.ts'
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

async function next(operation: Operation, cursor: Cursor): Promise<Buffer> {
  const { request, room } = operation
  const { source, id } = cursor
  checkOwner(operation, cursor)
  const deadline = Date.now() + (numberAt(request.body, 'maxTimeMS') ?? AWAITED_MILLISECONDS)
  try {
    const most = countAt(request.body, 'batchSize', 'getMore') || Number.POSITIVE_INFINITY
    let batch = cursor.fill(most)
    while (source.awaits && batch.count === 0 && !cursor.isExhausted && Date.now() < deadline) {
      await setTimeout(STEP_MILLISECONDS)
      if (operation.running.isKilled) throw new CommandError('Interrupted', 'operation was interrupted')
      batch = room.cursors.get(id).fill(most)
    }
    if (cursor.isExhausted) room.cursors.close(id)
    return cursorBody({
      id: cursor.isExhausted ? 0n : id,
      namespace: source.namespace,
      field: 'nextBatch',
      batch,
    })
  } catch (error) {
    room.cursors.close(id)
    throw error
  }
}

/** How long a cursor with awaitData waits unless told, and how often it looks. */
const AWAITED_MILLISECONDS = 1000
const STEP_MILLISECONDS = 20

function checkOwner({ request, session, transaction }: Operation, { source, id }: Cursor): void {
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
}
