// Says that nothing is sent to a monitoring service.
import { document } from '../literal.ts'
import type { Command } from '../room.ts'

export const getFreeMonitoringStatus: Command = {
  help: 'says that nothing is monitored from outside',
  adminOnly: true,
  run: () => document({ state: 'disabled' }),
}
