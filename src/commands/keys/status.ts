// Command keys status: which key has encrypted how much.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class KeysStatus extends GooseCommand<typeof KeysStatus> {
  static override summary = 'Show which key has encrypted how many values, by their ids only.'
  static override examples = ['<%= config.bin %> keys status', '<%= config.bin %> keys status User']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }

  async answer({ args, workspace }: Asked<typeof KeysStatus>): Promise<Answer> {
    const { keyStatus } = await import('../../shell/key-ring.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return keyStatus(models)
  }
}
