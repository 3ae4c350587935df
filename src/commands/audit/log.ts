// Command audit log: who changed what, when, how and why.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { count } from '../../shell/flags.ts'

export default class AuditLog extends GooseCommand<typeof AuditLog> {
  static override summary = 'List audited changes, the newest first.'
  static override examples = [
    '<%= config.bin %> audit log --model Post --id 65f000000000000000000a01',
    '<%= config.bin %> audit log --actor ada@laptop --since -7d --field status',
  ]
  static override flags = {
    model: Flags.string({ char: 'm', summary: 'Changes of this model.', helpGroup: 'QUERY', helpValue: 'MODEL' }),
    id: Flags.string({ summary: 'Changes of the document with this _id.', helpGroup: 'QUERY', helpValue: 'ID' }),
    actor: Flags.string({ summary: 'Changes by this user.', helpGroup: 'QUERY', helpValue: 'USER' }),
    op: Flags.string({ summary: 'Changes of one operation.', helpGroup: 'QUERY', helpValue: 'OP' }),
    operation: Flags.option({
      options: ['insert', 'update', 'delete', 'restore'] as const,
      summary: 'Changes of one kind.',
      helpGroup: 'QUERY',
    })(),
    field: Flags.string({
      summary: 'Updates of this path, or of one below it.',
      helpGroup: 'QUERY',
      helpValue: 'PATH',
    }),
    via: Flags.string({
      summary: 'Changes that came this way: app, cli, repl, bulk.',
      helpGroup: 'QUERY',
      helpValue: 'WAY',
    }),
    since: Flags.string({ summary: 'From this time on: 2026-01-31 or -7d.', helpGroup: 'QUERY', helpValue: 'TIME' }),
    until: Flags.string({ summary: 'Up to this time.', helpGroup: 'QUERY', helpValue: 'TIME' }),
    all: Flags.boolean({
      summary: 'Also what the log keeps for itself: intentions, failures, digests.',
      helpGroup: 'QUERY',
    }),
    limit: count({
      char: 'l',
      summary: 'Entries at most; 0 for all.',
      default: 20,
      helpGroup: 'QUERY',
      helpValue: 'N',
    }),
    after: Flags.string({ summary: 'Page after a cursor.', helpGroup: 'QUERY', helpValue: 'CURSOR' }),
  }

  async answer({ flags, workspace }: Asked<typeof AuditLog>): Promise<Answer> {
    const { auditLog } = await import('../../shell/auditing.ts')
    return auditLog(workspace, flags)
  }
}
