// Command models show: the fields, references and indexes of a model.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ModelsShow extends GooseCommand<typeof ModelsShow> {
  static override summary = 'Show the fields, references and indexes of a model.'
  static override examples = ['<%= config.bin %> models show Post', '<%= config.bin %> models show Post --output json']
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
  }

  async answer({ args, workspace }: Asked<typeof ModelsShow>): Promise<Answer> {
    const { showModel } = await import('../../shell/model-pages.ts')
    return showModel(await workspace.models(), args.model)
  }
}
