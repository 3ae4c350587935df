// Says who is logged in on a connection: nobody, since there are no users.

import { document } from '../bson/literal.ts'
import { flagAt } from '../operation/arguments.ts'
import type { Command } from '../operation/room.ts'

export const connectionStatus: Command = {
  help: 'says who is logged in',
  run: ({ request }) => {
    const privileges = flagAt(request.body, 'showPrivileges') ? { authenticatedUserPrivileges: [] } : {}
    return document({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], ...privileges } })
  },
}
