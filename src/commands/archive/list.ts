// Command archive list: which runs have archived what, and where to.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class ArchiveList extends GooseCommand<typeof ArchiveList> {
  static override summary = 'List what has been archived: when, how much, and where to.'
  static override examples = ['<%= config.bin %> archive list', '<%= config.bin %> archive list Post']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }

  async answer({ args, workspace }: Asked<typeof ArchiveList>): Promise<Answer> {
    const { listArchives } = await import('../../shell/archiving.ts')
    return listArchives(args.model, workspace)
  }
}
