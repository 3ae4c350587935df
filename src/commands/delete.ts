// Command delete: one document deleted, through its model.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { writeFlags } from '../shell/flags.ts'

export default class Delete extends GooseCommand<typeof Delete> {
  static override summary = 'Delete one document; a model with softDelete() keeps it until --hard.'
  static override examples = [
    '<%= config.bin %> delete Post 192a3b',
    '<%= config.bin %> delete Post 65f1a2b3c4d5e6f708192a3b --hard --confirm 65f1a2b3c4d5e6f708192a3b',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ required: true, ignoreStdin: true, description: 'id, or the end of it that find shows' }),
  }
  static override flags = {
    hard: Flags.boolean({ summary: 'Delete for good, whatever the model keeps.', helpGroup: 'SAFETY' }),
    ...writeFlags,
  }

  async answer({ args, flags, workspace }: Asked<typeof Delete>): Promise<Answer> {
    const { deleteDocument } = await import('../shell/changing.ts')
    return deleteDocument({ loaded: await workspace.model(args.model), id: args.id, workspace }, flags)
  }
}
