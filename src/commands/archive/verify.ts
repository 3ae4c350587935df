// Command archive verify: whether what was archived is still what was copied.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ArchiveVerify extends GooseCommand<typeof ArchiveVerify> {
  static override summary = 'Compare archived documents with the digests kept of them; exit 9 when some differ.'
  static override examples = ['<%= config.bin %> archive verify Post', '<%= config.bin %> archive verify Post run_mgz1']
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    run: Args.string({ ignoreStdin: true, description: 'one run, or the end of its id; all otherwise' }),
  }

  async answer({ args, workspace }: Asked<typeof ArchiveVerify>): Promise<Answer> {
    const { checkArchives } = await import('../../shell/archiving.ts')
    return checkArchives(args, workspace)
  }
}
