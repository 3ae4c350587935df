// Command doctor: what is wrong with stored data, and what mends it.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count } from '../shell/flags.ts'

export default class Doctor extends GooseCommand<typeof Doctor> {
  static override summary = 'Find orphan references, mixed types, duplicates, missing indexes and drift.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor Post --sample 1000']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }
  static override flags = {
    sample: count({ min: 1, summary: 'Documents of each model to check against it.', default: 200, helpValue: 'N' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Doctor>): Promise<Answer> {
    const { examine } = await import('../shell/doctoring.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return examine(models, flags.sample)
  }
}
