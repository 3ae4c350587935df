// Command audit seal: a root for all that is new in the audit, to be kept elsewhere.
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class AuditSeal extends GooseCommand<typeof AuditSeal> {
  static override summary = 'Seal what is new in the audit, and print the root to keep elsewhere.'
  static override examples = ['<%= config.bin %> audit seal', '<%= config.bin %> audit seal --json > seal.json']

  async answer({ workspace }: Asked<typeof AuditSeal>): Promise<Answer> {
    const { sealNow } = await import('../../shell/auditing-proof.ts')
    return sealNow(workspace)
  }
}
