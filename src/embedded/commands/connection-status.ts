// Says who is logged in on a connection: nobody, since there are no users.
import { flagAt } from '../arguments.ts'
import { document } from '../literal.ts'
import type { Command } from '../room.ts'

export const connectionStatus: Command = {
  help: 'says who is logged in',
  run: ({ request }) => {
    const privileges = flagAt(request.body, 'showPrivileges') ? { authenticatedUserPrivileges: [] } : {}
    return document({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], ...privileges } })
  },
}
