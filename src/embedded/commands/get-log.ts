// Gives the log of the server, which keeps none.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Command } from '../operation/room.ts'

const LOGS = ['global', 'startupWarnings']

export const getLog: Command = {
  help: 'gives the log, of which none is kept',
  adminOnly: true,
  run: ({ request }) => {
    const name = request.body.get('getLog')
    if (name === '*') return document({ names: LOGS })
    if (typeof name !== 'string' || !LOGS.includes(name))
      throw new CommandError('OperationFailed', `No log named '${String(name)}'`)
    return document({ totalLinesWritten: 0, log: [] })
  },
}
