// Command audit diff: what a document has become between two moments.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class AuditDiff extends GooseCommand<typeof AuditDiff> {
  static override summary = 'Show what a document has become, from its first entry to now unless said.'
  static override examples = [
    '<%= config.bin %> audit diff Post 65f000000000000000000a01',
    '<%= config.bin %> audit diff Post 000a01 --since -7d --until -1d',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ required: true, ignoreStdin: true, description: '_id of the document, or the end of it' }),
  }
  static override flags = {
    since: Flags.string({ summary: 'From this time on: 2026-01-31 or -7d.', helpValue: 'TIME' }),
    until: Flags.string({ summary: 'Up to this time.', helpValue: 'TIME' }),
  }

  async answer({ args, flags, workspace }: Asked<typeof AuditDiff>): Promise<Answer> {
    const { auditDiff } = await import('../../shell/auditing.ts')
    return auditDiff(await workspace.model(args.model), args.id, flags)
  }
}
