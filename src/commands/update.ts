// Command update: one document changed, through hooks and validation.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { writeFlags } from '../shell/flags.ts'

export default class Update extends GooseCommand<typeof Update> {
  static override summary = 'Update one document; hooks and validation run.'
  static override examples = [
    "<%= config.bin %> update Post 192a3b --set published=true --set 'title=Streams in anger'",
    '<%= config.bin %> update Post 192a3b --unset subtitle --dry-run',
  ]
  static override args = {
    model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }),
    id: Args.string({ required: true, ignoreStdin: true, description: 'id, or the end of it that find shows' }),
  }
  static override flags = {
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'Field and value: title=New.',
      helpValue: 'PATH=VALUE',
    }),
    unset: Flags.string({ summary: 'Fields to take away.', helpValue: 'PATHS' }),
    data: Flags.string({
      char: 'd',
      summary: 'Object with the fields to change, @file, or - for stdin.',
      helpValue: 'EXPR',
    }),
    ...writeFlags,
  }

  async answer({ args, flags, workspace }: Asked<typeof Update>): Promise<Answer> {
    const { updateDocument } = await import('../shell/changing.ts')
    return updateDocument({ loaded: await workspace.model(args.model), id: args.id, workspace }, flags)
  }
}
