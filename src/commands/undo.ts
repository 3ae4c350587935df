// Command undo: a run taken back where its values still stand.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { limitFlags, runFlags, writeFlags } from '../shell/flags.ts'

export default class Undo extends GooseCommand<typeof Undo> {
  static override summary = 'Take a run back; what was changed since is left and listed.'
  static override examples = ['<%= config.bin %> undo run_mgz1', '<%= config.bin %> undo run_mgz1 --dry-run']
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'id of the run, or the end of it' }),
  }
  static override flags = {
    'force-fields': Flags.boolean({ summary: 'Restore also what was changed since.', helpGroup: 'SAFETY' }),
    ...writeFlags,
    yes: runFlags.yes,
    rate: limitFlags.rate,
    'max-lag': limitFlags['max-lag'],
    'run-time': limitFlags['run-time'],
    'on-locked': runFlags['on-locked'],
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof Undo>): Promise<Answer> {
    const { undoFromPrompt } = await import('../shell/bulk.ts')
    await workspace.connect()
    return undoFromPrompt(args.run, workspace, flags)
  }
}
