// Lists the commands of the table, with what each does.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

type Table = ReadonlyMap<string, Command>

/** Builds the command from the table it will be part of. */
export function listCommandsOf(table: () => Table): Command {
  return {
    help: 'lists the commands',
    run: ({ room }) => {
      const names = [...table().keys()].filter(name => name !== 'configureFailPoint' || room.failPoints.isEnabled)
      return document({ commands: Object.fromEntries(names.sort().map(name => [name, described(table().get(name)!)])) })
    },
  }
}

function described({ help, adminOnly = false }: Command): object {
  return { help, requiresAuth: false, secondaryOk: true, adminOnly }
}
