// Command connection list: named connections, and where each comes from.
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ConnectionList extends GooseCommand<typeof ConnectionList> {
  static override summary = 'List the connections, their addresses masked, and where each comes from.'
  static override examples = ['<%= config.bin %> connection list', '<%= config.bin %> connection --output json']

  async answer({ flags, workspace }: Asked<typeof ConnectionList>): Promise<Answer> {
    const { listConnections } = await import('../../shell/connections.ts')
    return listConnections(await workspace.config(), flags)
  }
}
