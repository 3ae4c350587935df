// Command connection test: whether a connection works.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ConnectionTest extends GooseCommand<typeof ConnectionTest> {
  static override summary = 'Connect, and say to what.'
  static override examples = [
    '<%= config.bin %> connection test',
    '<%= config.bin %> connection test staging --timeout 2s',
  ]
  static override args = {
    name: Args.string({ ignoreStdin: true, description: 'name of the connection; the one in force otherwise' }),
  }

  async answer({ args, flags, workspace }: Asked<typeof ConnectionTest>): Promise<Answer> {
    const { testConnection } = await import('../../shell/connections.ts')
    return testConnection(await workspace.config(), { ...flags, connection: args.name ?? flags.connection })
  }
}
