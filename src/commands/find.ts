// Command find: documents of a model, filtered, sorted and with their references filled in.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { queryFlags } from '../shell/flags.ts'

export default class Find extends GooseCommand<typeof Find> {
  static override summary = 'Find documents of a model.'
  static override examples = [
    '<%= config.bin %> find Post --populate author --sort -createdAt',
    "<%= config.bin %> find Post --where published=true --where 'views>=500' --select title,views",
  ]
  static override args = { model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }) }
  static override flags = {
    ...queryFlags,
    count: Flags.boolean({ summary: 'Say how many there are in all.', helpGroup: 'QUERY' }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Find>): Promise<Answer> {
    const { findRows } = await import('../shell/finding.ts')
    return findRows(await workspace.model(args.model), flags)
  }
}
