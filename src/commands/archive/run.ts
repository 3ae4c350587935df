// Command archive run: old documents copied elsewhere, read back, and only then deleted.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { retentionFlags } from '../../shell/flags.ts'

export default class ArchiveRun extends GooseCommand<typeof ArchiveRun> {
  static override summary = 'Move old documents to an archive: copied, read back byte for byte, then deleted.'
  static override examples = [
    '<%= config.bin %> archive run Post --older-than 365d --by createdAt --dry-run',
    '<%= config.bin %> archive run --policy old-posts --run-time 20m --on-locked skip -q --confirm policy:old-posts',
  ]
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; none with --policy' }),
  }
  static override flags = {
    ...retentionFlags,
    to: Flags.string({
      summary: 'Where to: coll:NAME, db:NAME, conn:NAME or file:PATH; a collection beside otherwise.',
      helpValue: 'PLACE',
    }),
    verify: Flags.option({
      options: ['bytes', 'count'] as const,
      summary: 'Compare every byte of the copies, or ids and marks alone; bytes unless said.',
    })(),
    'no-delete': Flags.boolean({ summary: 'Leave the documents where they are as well.' }),
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof ArchiveRun>): Promise<Answer> {
    const { archiveDocuments } = await import('../../shell/archiving.ts')
    return archiveDocuments(args.model, flags, workspace)
  }
}
