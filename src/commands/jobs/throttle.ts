// Command jobs throttle: the pace of a long operation, changed while it runs.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { limitFlags } from '../../shell/flags.ts'

export default class JobsThrottle extends GooseCommand<typeof JobsThrottle> {
  static override summary = 'Change the pace of a long operation while it runs.'
  static override examples = [
    '<%= config.bin %> jobs throttle run_mgz1 --rate 200',
    '<%= config.bin %> jobs throttle run_mgz1 --max-lag 2s --batch 100',
  ]
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }
  static override flags = limitFlags

  async answer({ args, flags, workspace }: Asked<typeof JobsThrottle>): Promise<Answer> {
    const { throttle } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return throttle(args.run, flags)
  }
}
