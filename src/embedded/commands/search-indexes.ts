// Refuses the commands of search indexes by name.
import { CommandError } from '../errors.ts'
import type { Command } from '../operation/room.ts'

export const searchIndexes: Command = {
  help: 'is refused: search indexes are a service of Atlas',
  run: ({ request }) => {
    throw new CommandError('SearchNotEnabled', `${request.name} needs Atlas; the embedded database does not support it`)
  },
}
