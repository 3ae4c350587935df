// Command explain: how the database answers a query.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { filterFlags, queryFlags } from '../shell/flags.ts'

export default class Explain extends GooseCommand<typeof Explain> {
  static override summary = 'Explain how the database answers a query, and which index would help.'
  static override examples = [
    '<%= config.bin %> explain Post --where published=true --sort -views',
    "<%= config.bin %> explain Post --where 'views>100' --strict",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
  }
  static override flags = {
    ...filterFlags,
    sort: queryFlags.sort,
    hint: queryFlags.hint,
    strict: Flags.boolean({ summary: 'End with 9 when the whole collection is read.', helpGroup: 'QUERY' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Explain>): Promise<Answer> {
    const { questionOf } = await import('../shell/question.ts')
    const { explainQuery } = await import('../shell/explaining.ts')
    return explainQuery(await questionOf(await workspace.model(args.model), flags), flags)
  }
}
