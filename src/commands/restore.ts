// Command restore: deleted documents brought back.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { usage, writeFlags } from '../shell/flags.ts'

export default class Restore extends GooseCommand<typeof Restore> {
  static override summary = 'Restore a deleted document, or all that one operation deleted.'
  static override examples = [
    '<%= config.bin %> restore Post 192a3b',
    '<%= config.bin %> restore Post --op op_01J9Z3 --dry-run',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ ignoreStdin: true, description: 'id, or the end of it' }),
  }
  static override flags = {
    op: Flags.string({ summary: 'Operation that deleted them.', helpValue: 'ID' }),
    ...writeFlags,
  }

  async answer({ args, flags, workspace }: Asked<typeof Restore>): Promise<Answer> {
    const { restoreDocument, restoreOperation } = await import('../shell/changing.ts')
    const loaded = await workspace.model(args.model)
    if (args.id !== undefined && flags.op === undefined)
      return restoreDocument({ loaded, id: args.id, workspace }, flags)
    if (args.id === undefined && flags.op !== undefined) return restoreOperation({ loaded, workspace }, flags.op, flags)
    throw usage('restore takes an id or --op, one of them', 'for example: goose restore Post 192a3b')
  }
}
