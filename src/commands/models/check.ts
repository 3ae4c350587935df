// Command models check: stored documents that do not fit their model.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { count } from '../../shell/flags.ts'

export default class ModelsCheck extends GooseCommand<typeof ModelsCheck> {
  static override summary = 'Check stored documents against their model.'
  static override examples = ['<%= config.bin %> models check', '<%= config.bin %> models check Post --sample 1000']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }
  static override flags = {
    sample: count({ min: 1, summary: 'Documents of each model to look at; all otherwise.', helpValue: 'N' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof ModelsCheck>): Promise<Answer> {
    const { checkModels } = await import('../../shell/checking.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return checkModels(models, flags.sample)
  }
}
