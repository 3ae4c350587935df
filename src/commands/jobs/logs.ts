// Command jobs logs: what has happened to a long operation.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class JobsLogs extends GooseCommand<typeof JobsLogs> {
  static override summary = 'Show the log of a long operation.'
  static override examples = ['<%= config.bin %> jobs logs run_mgz1', '<%= config.bin %> jobs logs run_mgz1 --follow']
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }
  static override flags = {
    follow: Flags.boolean({ summary: 'Go on printing until the run is over.' }),
  }

  async answer({ args, flags, workspace }: Asked<typeof JobsLogs>): Promise<Answer> {
    const { jobLog } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return jobLog(args.run, flags)
  }
}
