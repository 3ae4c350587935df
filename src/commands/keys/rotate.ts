// Command keys rotate: everything encrypted with the newest key.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../../shell/answer.ts'
import { type Asked, GooseCommand } from '../../shell/command.ts'
import { count, writeFlags } from '../../shell/flags.ts'

export default class KeysRotate extends GooseCommand<typeof KeysRotate> {
  static override summary = 'Encrypt every value with the newest key; can stop anywhere and go on.'
  static override examples = ['<%= config.bin %> keys rotate', '<%= config.bin %> keys rotate User --batch 100']
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; all otherwise' }),
  }
  static override flags = {
    after: Flags.string({ summary: 'Go on behind this _id.', helpValue: 'ID' }),
    batch: count({ min: 1, summary: 'Documents at a time.', default: 500, helpValue: 'N' }),
    'dry-run': writeFlags['dry-run'],
    confirm: writeFlags.confirm,
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof KeysRotate>): Promise<Answer> {
    const { rotateAll } = await import('../../shell/key-ring.ts')
    const models = args.model === undefined ? await workspace.models() : [await workspace.model(args.model)]
    await workspace.connect()
    return rotateAll(models, workspace, flags)
  }
}
