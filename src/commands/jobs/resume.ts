// Command jobs resume: a long operation taken up where it has stopped.
import * as Args from '@oclif/core/args'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { limitFlags, onLockedFlag, pingFlag, runFlags, writeFlags } from '../../shell/flags.ts'

export default class JobsResume extends GooseCommand<typeof JobsResume> {
  static override summary = 'Go on with a long operation that waits, has stopped or has died; its stored filter holds.'
  static override examples = [
    '<%= config.bin %> jobs resume run_mgz1',
    '<%= config.bin %> jobs resume run_mgz1 --on-locked wait --run-time 20m',
  ]
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }
  static override flags = {
    confirm: writeFlags.confirm,
    yes: runFlags.yes,
    ...limitFlags,
    'on-locked': onLockedFlag(),
    ping: pingFlag,
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof JobsResume>): Promise<Answer> {
    const { resumeJob } = await import('../../shell/jobs.ts')
    await workspace.connect()
    return resumeJob(args.run, workspace, flags)
  }
}
