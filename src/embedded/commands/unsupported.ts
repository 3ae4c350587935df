// Refuses by name what the embedded database does not do.
import { CommandError } from '../errors.ts'
import type { Command } from '../operation/room.ts'

export const mapReduce: Command = {
  help: 'is refused: it runs JavaScript',
  run: ({ request }) => {
    throw new CommandError(
      'CommandNotSupported',
      `${request.name} runs JavaScript, which the embedded database does not; use aggregate`,
    )
  },
}
