// Command purge: old documents removed for good.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { retentionFlags } from '../shell/flags.ts'

const { yes: _yes, all: _all, ...flags } = retentionFlags

export default class Purge extends GooseCommand<typeof Purge> {
  static override summary = 'Remove old documents for good; nothing brings them back.'
  static override examples = [
    '<%= config.bin %> purge User --deleted only --older-than 90d --dry-run',
    '<%= config.bin %> purge User --deleted only --older-than 90d --confirm User',
  ]
  static override args = {
    model: Args.string({ ignoreStdin: true, description: 'name of the model; none with --policy' }),
  }
  static override flags = flags

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof Purge>): Promise<Answer> {
    const { purgeDocuments } = await import('../shell/purging.ts')
    return purgeDocuments(args.model, flags, workspace)
  }
}
