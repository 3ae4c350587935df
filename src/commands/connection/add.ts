// Command connection add: a named connection of the user.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ConnectionAdd extends GooseCommand<typeof ConnectionAdd> {
  static override summary = 'Add a named connection to the configuration of the user.'
  static override examples = [
    '<%= config.bin %> connection add staging --uri-file staging.txt',
    '<%= config.bin %> connection add staging --env STAGING_URL',
  ]
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'name of the connection' }),
  }
  static override flags = {
    env: Flags.string({
      summary: 'Environment variable that holds the URI.',
      helpValue: 'NAME',
      exclusive: ['uri-file'],
    }),
    protected: Flags.boolean({ summary: 'Demand --confirm for every write.' }),
  }

  async answer({ args, flags }: Asked<typeof ConnectionAdd>): Promise<Answer> {
    const { addConnection } = await import('../../shell/connections.ts')
    return addConnection(args.name, flags)
  }
}
