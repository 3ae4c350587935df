// Command jobs cancel: a long operation ended for good.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class JobsCancel extends GooseCommand<typeof JobsCancel> {
  static override summary = 'End a long operation after the batch it is at; what is done stays.'
  static override examples = ['<%= config.bin %> jobs cancel run_mgz1', '<%= config.bin %> jobs cancel mgz1 -c prod']
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }

  async answer({ args, workspace }: Asked<typeof JobsCancel>): Promise<Answer> {
    const { steer } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return steer(args.run, 'cancel')
  }
}
