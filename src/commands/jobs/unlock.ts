// Command jobs unlock: a lease taken away from its holder.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { writeFlags } from '../../shell/flags.ts'

export default class JobsUnlock extends GooseCommand<typeof JobsUnlock> {
  static override summary = 'Take a lease away from its holder, which can write no more then.'
  static override examples = [
    '<%= config.bin %> jobs unlock archive:Post --confirm archive:Post',
    '<%= config.bin %> jobs unlock run_mgz1 --confirm bulk-update:Post',
  ]
  static override args = {
    lock: Args.string({ required: true, ignoreStdin: true, description: 'name of the lease, or the run it is for' }),
  }
  static override flags = { confirm: writeFlags.confirm }

  async answer({ args, flags, workspace }: Asked<typeof JobsUnlock>): Promise<Answer> {
    const { unlockJob } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return unlockJob(args.lock, workspace, flags)
  }
}
