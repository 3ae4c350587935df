// Command audit show: one change in full.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class AuditShow extends GooseCommand<typeof AuditShow> {
  static override summary = 'Show one audited change: path by path, with who and why.'
  static override examples = [
    '<%= config.bin %> audit show 65f000000000000000000e01',
    '<%= config.bin %> audit show 000e01 --json',
  ]
  static override args = {
    entry: Args.string({ required: true, ignoreStdin: true, description: 'id of the entry, the end of it, or last' }),
  }

  async answer({ args, workspace }: Asked<typeof AuditShow>): Promise<Answer> {
    const { auditEntry } = await import('../../shell/auditing.ts')
    return auditEntry(workspace, args.entry)
  }
}
