// Stops a command that still waits for its turn to write; others run to their end.
import { checkCommand, numberAt } from '../arguments.ts'
import { document } from '../literal.ts'
import type { Command } from '../room.ts'

export const killOp: Command = {
  help: 'stops a command that still waits for its turn',
  adminOnly: true,
  run: ({ request, room }) => {
    checkCommand(request, { op: 'number' }, ['op'])
    room.activity.kill(numberAt(request.body, 'op') ?? 0)
    return document({ info: 'attempting to kill op' })
  },
}
