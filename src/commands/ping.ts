// Command ping: whether the database answers, and how fast.
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'

export default class Ping extends GooseCommand<typeof Ping> {
  static override summary = 'Say whether the database answers, and how fast.'
  static override examples = ['<%= config.bin %> ping', '<%= config.bin %> ping --connection prod --timeout 2s']

  async answer({ flags, workspace }: Asked<typeof Ping>): Promise<Answer> {
    const { testConnection } = await import('../shell/connections.ts')
    return testConnection(await workspace.config(), flags)
  }
}
