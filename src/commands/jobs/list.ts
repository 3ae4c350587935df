// Command jobs list: long operations and what becomes of them.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { count } from '../../shell/flags.ts'

export default class JobsList extends GooseCommand<typeof JobsList> {
  static override summary = 'List long operations: under way, stopped, or died.'
  static override examples = ['<%= config.bin %> jobs list', '<%= config.bin %> jobs list --all --limit 10']
  static override flags = {
    all: Flags.boolean({ summary: 'List those that are over as well.' }),
    limit: count({ char: 'l', summary: 'How many at most.', default: 50, helpValue: 'N' }),
  }

  async answer({ flags, workspace }: Asked<typeof JobsList>): Promise<Answer> {
    const { jobRows } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return jobRows(flags)
  }
}
