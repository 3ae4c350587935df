// Command indexes sync: the declared indexes created.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { writeFlags } from '../../shell/flags.ts'

export default class IndexesSync extends GooseCommand<typeof IndexesSync> {
  static override summary = 'Create and change indexes until they are as declared.'
  static override examples = [
    '<%= config.bin %> indexes sync',
    '<%= config.bin %> indexes sync Post --drop --confirm drop',
  ]
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }
  static override flags = {
    drop: Flags.boolean({ summary: 'Drop the indexes that no model declares as well.', helpGroup: 'SAFETY' }),
    ...writeFlags,
  }

  async answer({ args, flags, workspace }: Asked<typeof IndexesSync>): Promise<Answer> {
    const { syncIndexes } = await import('../../shell/indexing.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return syncIndexes(models, workspace, flags)
  }
}
