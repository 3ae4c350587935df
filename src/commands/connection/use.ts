// Command connection use: the connection taken when none is named.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ConnectionUse extends GooseCommand<typeof ConnectionUse> {
  static override summary = 'Choose the connection of the user that is taken when nothing else names one.'
  static override examples = [
    '<%= config.bin %> connection use staging',
    '<%= config.bin %> connection use staging --quiet',
  ]
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'name of the connection' }),
  }

  async answer({ args, workspace }: Asked<typeof ConnectionUse>): Promise<Answer> {
    const { useConnection } = await import('../../shell/connections.ts')
    return useConnection(args.name, await workspace.config())
  }
}
