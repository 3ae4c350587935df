// Command jobs show: everything about one long operation.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class JobsShow extends GooseCommand<typeof JobsShow> {
  static override summary = 'Show one long operation: what, who, how far, why it quit.'
  static override examples = ['<%= config.bin %> jobs show run_mgz1', '<%= config.bin %> jobs show run_mgz1 --json']
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }

  async answer({ args, workspace }: Asked<typeof JobsShow>): Promise<Answer> {
    const { showJob } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return showJob(args.run)
  }
}
