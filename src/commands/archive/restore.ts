// Command archive restore: archived documents brought back to where they were.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { filterFlags, runFlags } from '../../shell/flags.ts'

const { 'dry-run': _dryRun, 'max-docs': _maxDocs, ...flags } = runFlags

export default class ArchiveRestore extends GooseCommand<typeof ArchiveRestore> {
  static override summary =
    'Bring archived documents back; refuses before anything is written where some are in the way.'
  static override examples = [
    '<%= config.bin %> archive restore Post run_mgz1',
    "<%= config.bin %> archive restore Post --where 'title=First post'",
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    run: Args.string({ ignoreStdin: true, description: 'the run that archived them, or the end of its id' }),
  }
  static override flags = {
    ...flags,
    ...filterFlags,
    from: Flags.string({
      summary: 'The archive, where no run is named: coll:NAME, db:NAME, conn:NAME or file:PATH.',
      helpValue: 'PLACE',
    }),
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof ArchiveRestore>): Promise<Answer> {
    const { restoreDocuments } = await import('../../shell/archiving.ts')
    return restoreDocuments(args, flags, workspace)
  }
}
