// Command get: one document by its id.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { queryFlags } from '../shell/flags.ts'

export default class Get extends GooseCommand<typeof Get> {
  static override summary = 'Get one document by its id.'
  static override examples = [
    '<%= config.bin %> get Post 65f1a2b3c4d5e6f708192a3b --populate author',
    '<%= config.bin %> get Post 192a3b --output json',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ required: true, ignoreStdin: true, description: 'id, or the end of it that find shows' }),
  }
  static override flags = {
    select: queryFlags.select,
    populate: queryFlags.populate,
    deleted: queryFlags.deleted,
  }

  async answer({ args, flags, workspace }: Asked<typeof Get>): Promise<Answer> {
    const { getDocument } = await import('../shell/finding.ts')
    return getDocument(await workspace.model(args.model), args.id, flags)
  }
}
