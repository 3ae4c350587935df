// Command get: one document by its id.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count, queryFlags } from '../shell/flags.ts'

export default class Get extends GooseCommand<typeof Get> {
  static override summary = 'Get one document by its id.'
  static override examples = [
    '<%= config.bin %> get Post 65f1a2b3c4d5e6f708192a3b --populate author',
    '<%= config.bin %> get Post 192a3b --output json',
    '<%= config.bin %> get Post 192a3b --at -2h',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ required: true, ignoreStdin: true, description: 'id, or the end of it that find shows' }),
  }
  static override flags = {
    select: queryFlags.select,
    populate: queryFlags.populate,
    deleted: queryFlags.deleted,
    at: Flags.string({
      summary: 'As it was at a time: 2026-01-31T12:00:00Z, or -2h; from the audit.',
      helpGroup: 'HISTORY',
      helpValue: 'TIME',
      exclusive: ['version', 'populate'],
    }),
    version: count({
      min: 1,
      summary: 'As it was in a version: its own number, or that of the change; from the audit.',
      helpGroup: 'HISTORY',
      helpValue: 'N',
      exclusive: ['populate'],
    }),
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Get>): Promise<Answer> {
    const loaded = await workspace.model(args.model)
    if (flags.at !== undefined || flags.version !== undefined) {
      const { getEarlier } = await import('../shell/earlier.ts')
      return getEarlier(loaded, args.id, flags)
    }
    const { getDocument } = await import('../shell/finding.ts')
    return getDocument(loaded, args.id, flags)
  }
}
