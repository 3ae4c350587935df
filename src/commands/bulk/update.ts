// Command bulk update: many documents changed, planned first and recorded so that it can be taken back.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { filterFlags, runFlags } from '../../shell/flags.ts'

export default class BulkUpdate extends GooseCommand<typeof BulkUpdate> {
  static override summary = 'Update many documents: plan, ask, apply; undo takes it back.'
  static override examples = [
    '<%= config.bin %> bulk update User --where status=inactive --set status=expired --dry-run',
    "<%= config.bin %> bulk update Post --where 'views>=500' --update '{$inc: {score: 10}}' --yes",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
  }
  static override flags = {
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'Field and value: status=expired.',
      helpValue: 'PATH=VALUE',
    }),
    unset: Flags.string({ summary: 'Fields to take away.', helpValue: 'PATHS' }),
    update: Flags.string({ summary: 'Update operators, @file, or - for stdin.', helpValue: 'EXPR' }),
    pipeline: Flags.string({ summary: 'Update pipeline, @file, or - for stdin.', helpValue: 'EXPR' }),
    hooks: Flags.boolean({ summary: 'Take each document through its hooks and validation; slower.' }),
    out: Flags.string({ summary: 'Write the plan to a file, and do nothing.', helpGroup: 'SAFETY', helpValue: 'PATH' }),
    ...filterFlags,
    ...runFlags,
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof BulkUpdate>): Promise<Answer> {
    const { bulkUpdate } = await import('../../shell/bulk.ts')
    return bulkUpdate(await workspace.model(args.model), workspace, flags)
  }
}
