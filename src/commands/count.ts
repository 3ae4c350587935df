// Command count: how many documents of a model there are.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { filterFlags } from '../shell/flags.ts'

export default class Count extends GooseCommand<typeof Count> {
  static override summary = 'Count documents of a model.'
  static override examples = ['<%= config.bin %> count Post', "<%= config.bin %> count Post --where 'createdAt>-7d'"]
  static override args = { model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }) }
  static override flags = filterFlags

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Count>): Promise<Answer> {
    const { questionOf } = await import('../shell/question.ts')
    const query = await questionOf(await workspace.model(args.model), flags)
    const count = await query.count()
    return { kind: 'value', data: count, text: String(count) }
  }
}
