// Closes cursors that a client does not want to read on.

import type { Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { checkCommand, collectionName } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'
import { integerOf } from '../values/numbers.ts'

export const killCursors: Command = {
  help: 'closes cursors',
  inTransactions: true,
  run: ({ request, room }) => {
    checkCommand(request, { cursors: 'array' }, ['cursors'])
    collectionName(request)
    const killed: Value[] = []
    const missing: Value[] = []
    for (const id of request.body.get('cursors') as Value[])
      (room.cursors.close(integerOf(id) ?? 0n) ? killed : missing).push(id)
    return document({ cursorsKilled: [], cursorsNotFound: [], cursorsAlive: [], cursorsUnknown: [] })
      .set('cursorsKilled', killed)
      .set('cursorsNotFound', missing)
  },
}
