// Command indexes diff: declared indexes against those that are there.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class IndexesDiff extends GooseCommand<typeof IndexesDiff> {
  static override summary = 'Compare the declared indexes with those that are there.'
  static override examples = ['<%= config.bin %> indexes diff', '<%= config.bin %> indexes diff Post']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }

  async answer({ args, workspace }: Asked<typeof IndexesDiff>): Promise<Answer> {
    const { diffIndexes } = await import('../../shell/indexing.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return diffIndexes(models)
  }
}
