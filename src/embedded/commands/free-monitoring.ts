// Says that nothing is sent to a monitoring service.
import { document } from '../bson/literal.ts'
import type { Command } from '../operation/room.ts'

export const getFreeMonitoringStatus: Command = {
  help: 'says that nothing is monitored from outside',
  adminOnly: true,
  run: () => document({ state: 'disabled' }),
}
