// Command distinct: the different values of a path.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { filterFlags } from '../shell/flags.ts'

export default class Distinct extends GooseCommand<typeof Distinct> {
  static override summary = 'List the different values of a path.'
  static override examples = [
    '<%= config.bin %> distinct Post tags',
    "<%= config.bin %> distinct Post author --where 'createdAt>-30d'",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    path: Args.string({ required: true, ignoreStdin: true, description: 'path of a field' }),
  }
  static override flags = filterFlags

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Distinct>): Promise<Answer> {
    const { distinctValues } = await import('../shell/finding.ts')
    return distinctValues(await workspace.model(args.model), args.path, flags)
  }
}
