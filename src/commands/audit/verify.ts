// Command audit verify: that nobody has changed the audit.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class AuditVerify extends GooseCommand<typeof AuditVerify> {
  static override summary = 'Find entries of the audit that were changed, removed, added or cut off; exit 9 on any.'
  static override examples = [
    '<%= config.bin %> audit verify',
    '<%= config.bin %> audit verify --seal /media/kept/seal.json',
  ]
  static override flags = {
    seal: Flags.string({ summary: 'A seal that was kept: its root, or a file.', helpValue: 'ROOT|FILE' }),
    settle: Flags.boolean({ summary: 'Write down what became of changes that were announced and never confirmed.' }),
  }

  async answer({ flags, workspace }: Asked<typeof AuditVerify>): Promise<Answer> {
    const { verifyAudit } = await import('../../shell/auditing-proof.ts')
    return verifyAudit(workspace, flags)
  }
}
