// Closes cursors that a client does not want to read on.
import { checkCommand, collectionName } from '../arguments.ts'
import type { Value } from '../bson.ts'
import { document } from '../literal.ts'
import { integerOf } from '../numbers.ts'
import type { Command } from '../room.ts'

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
