// Lists users and roles, of which there are none, and refuses to make or check any.

import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import type { Command } from '../operation/room.ts'

export const usersInfo: Command = { help: 'lists users, of which there are none', run: () => document({ users: [] }) }

export const rolesInfo: Command = { help: 'lists roles, of which there are none', run: () => document({ roles: [] }) }

/** Answers whoever wants to log in. */
export const authentication: Command = {
  help: 'is refused: there are no users',
  run: ({ request }) => {
    throw new CommandError(
      'AuthenticationFailed',
      `${request.name}: the embedded database has no users; connect without a user name and password`,
    )
  },
}

export const userManagement: Command = {
  help: 'is refused: there are no users and roles',
  run: ({ request }) => {
    throw new CommandError('CommandNotSupported', `${request.name}: the embedded database has no users and roles`)
  },
}
