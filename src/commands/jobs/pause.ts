// Command jobs pause: a long operation made to wait.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'

export default class JobsPause extends GooseCommand<typeof JobsPause> {
  static override summary = 'Let a long operation wait after the batch it is at.'
  static override examples = ['<%= config.bin %> jobs pause run_mgz1', '<%= config.bin %> jobs pause mgz1 -c prod']
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }

  async answer({ args, workspace }: Asked<typeof JobsPause>): Promise<Answer> {
    const { steer } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return steer(args.run, 'pause')
  }
}
