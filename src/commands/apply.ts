// Command apply: a planned change made, if nothing has moved since.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count, limitFlags, runFlags, writeFlags } from '../shell/flags.ts'

export default class Apply extends GooseCommand<typeof Apply> {
  static override summary = 'Make a planned change; refused when what it matches has moved.'
  static override examples = ['<%= config.bin %> apply plan_7f3a', '<%= config.bin %> apply plan.json --tolerance 10']
  static override args = {
    plan: Args.string({ required: true, ignoreStdin: true, description: 'id of the plan, or its file' }),
  }
  static override flags = {
    tolerance: count({
      summary: 'Documents that may have changed; they are left and told.',
      helpGroup: 'SAFETY',
      helpValue: 'N',
    }),
    confirm: writeFlags.confirm,
    yes: runFlags.yes,
    reason: writeFlags.reason,
    rate: limitFlags.rate,
    'max-lag': limitFlags['max-lag'],
    'run-time': limitFlags['run-time'],
    lock: runFlags.lock,
    'on-locked': runFlags['on-locked'],
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof Apply>): Promise<Answer> {
    const { applyFromPrompt } = await import('../shell/bulk.ts')
    await workspace.connect()
    return applyFromPrompt(args.plan, workspace, flags)
  }
}
