// Lists the commands that are running, and the transactions that wait for their next command.
import { compileFilter } from '../match/filter.ts'
import type { Command } from '../operation/room.ts'
import { operationsOf } from '../query/running.ts'

/** Fields of the command itself; all others are a filter of the operations. */
const OWN_FIELDS = new Set(['currentOp', 'lsid', 'maxTimeMS', 'comment', 'readConcern', 'apiVersion', 'apiStrict'])

export const currentOp: Command = {
  help: 'lists the commands that are running',
  adminOnly: true,
  run: ({ request, room }) => {
    const filter = compileFilter(
      new Map([...request.body].filter(([name]) => !OWN_FIELDS.has(name) && !/^\$(?!and$|or$|nor$)/.test(name))),
    )
    return new Map([['inprog', operationsOf(room, { idleSessions: true }).filter(found => filter.matches(found))]])
  },
}
