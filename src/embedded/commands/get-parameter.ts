// Says how the server is set up, by the names of MongoDB's parameters.
import type { Document } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { CommandError } from '../errors.ts'
import { IDLE_MILLISECONDS } from '../operation/cursors.ts'
import type { Command, Room } from '../operation/room.ts'
import { VERSION } from '../operation/version.ts'
import { SESSION_TIMEOUT_MINUTES } from '../sessions/sessions.ts'
import { LIFETIME_MILLISECONDS } from '../sessions/transactions.ts'

export const getParameter: Command = {
  help: 'says how the server is set up',
  adminOnly: true,
  run: ({ request, room }) => {
    const { body } = request
    const known = parametersOf(room)
    const asked = body.get('getParameter')
    const wantsAll = asked === '*' || (asked instanceof Map && asked.get('allParameters') === true)
    const found = wantsAll ? known : new Map([...known].filter(([name]) => body.has(name)))
    if (found.size === 0) throw new CommandError('InvalidOptions', 'no option found to get')
    return new Map(found)
  },
}

function parametersOf(room: Room): Document {
  return document({
    featureCompatibilityVersion: { version: VERSION.split('.').slice(0, 2).join('.') },
    authenticationMechanisms: [],
    enableTestCommands: room.failPoints.isEnabled,
    localLogicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
    transactionLifetimeLimitSeconds: LIFETIME_MILLISECONDS / 1000,
    cursorTimeoutMillis: IDLE_MILLISECONDS,
    ttlMonitorEnabled: true,
  })
}
