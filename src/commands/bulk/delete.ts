// Command bulk delete: many documents deleted, planned first and kept so that they can come back.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { filterFlags, runFlags } from '../../shell/flags.ts'

export default class BulkDelete extends GooseCommand<typeof BulkDelete> {
  static override summary = 'Delete many documents: plan, ask, apply; undo brings them back.'
  static override examples = [
    "<%= config.bin %> bulk delete Session --where 'expiresAt<-30d' --dry-run",
    '<%= config.bin %> bulk delete Post --where published=false --hard --yes',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
  }
  static override flags = {
    hard: Flags.boolean({ summary: 'Remove them also where the model keeps deleted ones.', helpGroup: 'SAFETY' }),
    hooks: Flags.boolean({ summary: 'Take each document through its hooks; slower.' }),
    out: Flags.string({ summary: 'Write the plan to a file, and do nothing.', helpGroup: 'SAFETY', helpValue: 'PATH' }),
    ...filterFlags,
    ...runFlags,
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof BulkDelete>): Promise<Answer> {
    const { bulkDelete } = await import('../../shell/bulk.ts')
    return bulkDelete(await workspace.model(args.model), workspace, flags)
  }
}
