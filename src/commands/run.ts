// Command run: a maintenance script, with a lock, named steps and a history.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { limitFlags, onLockedFlag, pingFlag, runFlags, writeFlags } from '../shell/flags.ts'

export default class Run extends GooseCommand<typeof Run> {
  static override summary = 'Run a maintenance script; what stands behind -- is handed to it.'
  static override examples = [
    '<%= config.bin %> run scripts/nightly.ts',
    '<%= config.bin %> run scripts/nightly.ts --on-locked skip --resume -- 2026-01',
  ]
  static override strict = false
  static override args = {
    script: Args.string({ required: true, ignoreStdin: true, description: 'file that exports a job' }),
  }
  static override flags = {
    resume: Flags.boolean({ summary: 'Go on with the last run of the job that was not finished, if there is one.' }),
    ping: pingFlag,
    confirm: writeFlags.confirm,
    yes: runFlags.yes,
    reason: writeFlags.reason,
    'run-time': limitFlags['run-time'],
    lock: Flags.string({
      summary: 'Name that only one run at a time may hold; job:NAME unless said.',
      helpGroup: 'PACE',
      helpValue: 'NAME',
    }),
    'on-locked': onLockedFlag(),
  }

  override readonly waitsForSignal = true

  async answer({ args, rest, flags, workspace }: Asked<typeof Run>): Promise<Answer> {
    const { runFile } = await import('../shell/scripting.ts')
    return runFile(workspace, { file: args.script, args: rest }, flags)
  }
}
