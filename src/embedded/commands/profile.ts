// Answers that commands are not profiled, and refuses to begin.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { checkCommand, numberAt } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'

export const profile: Command = {
  help: 'answers that commands are not profiled',
  run: ({ request }) => {
    checkCommand(request, { slowms: 'number', sampleRate: 'number', filter: 'any' })
    const level = numberAt(request.body, 'profile') ?? 0
    if (level > 0)
      throw new CommandError('CommandNotSupported', 'profile: the embedded database does not profile commands')
    return document({ was: 0, slowms: 100, sampleRate: 1 })
  },
}
