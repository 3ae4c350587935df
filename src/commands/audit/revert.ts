// Command audit revert: one audited change taken back.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { writeFlags } from '../../shell/flags.ts'

export default class AuditRevert extends GooseCommand<typeof AuditRevert> {
  static override summary = 'Take one change back through its model, unless somebody has changed the same since.'
  static override examples = [
    '<%= config.bin %> audit revert 65f000000000000000000e01 --dry-run',
    "<%= config.bin %> audit revert 000e01 --reason 'wrong column'",
  ]
  static override args = {
    entry: Args.string({ required: true, ignoreStdin: true, description: 'id of the entry, the end of it, or last' }),
  }
  static override flags = {
    ...writeFlags,
    force: Flags.boolean({ summary: 'Take it back although the values have changed since.', helpGroup: 'SAFETY' }),
  }

  async answer({ args, flags, workspace }: Asked<typeof AuditRevert>): Promise<Answer> {
    const { revertEntry } = await import('../../shell/auditing-revert.ts')
    return revertEntry(workspace, args.entry, flags)
  }
}
