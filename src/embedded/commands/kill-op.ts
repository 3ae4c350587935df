// Stops a command that still waits for its turn to write; others run to their end.

import { document } from '../bson/literal.ts'
import { checkCommand, numberAt } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'

export const killOp: Command = {
  help: 'stops a command that still waits for its turn',
  adminOnly: true,
  run: ({ request, room }) => {
    checkCommand(request, { op: 'number' }, ['op'])
    room.activity.kill(numberAt(request.body, 'op') ?? 0)
    return document({ info: 'attempting to kill op' })
  },
}
