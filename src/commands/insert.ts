// Command insert: new documents of a model, from flags, a file, stdin or a form.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { writeFlags } from '../shell/flags.ts'

export default class Insert extends GooseCommand<typeof Insert> {
  static override summary = 'Insert documents of a model; on a terminal, without any given, a form asks for one.'
  static override examples = [
    "<%= config.bin %> insert User --set name='Ada Lovelace' --set email=ada@example.com",
    '<%= config.bin %> insert User --data \'{name: "Grace Hopper", email: "grace@example.com"}\'',
    '<%= config.bin %> insert User --data @users.ndjson',
    '<%= config.bin %> insert User',
  ]
  static override args = { model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }) }
  static override flags = {
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'Field and value: name=Ada.',
      helpValue: 'PATH=VALUE',
    }),
    data: Flags.string({
      char: 'd',
      summary: 'Document or documents: Extended JSON, shell syntax, @file, or - for stdin.',
      helpValue: 'EXPR',
    }),
    ...writeFlags,
  }

  async answer({ args, flags, workspace }: Asked<typeof Insert>): Promise<Answer> {
    const { insertDocuments } = await import('../shell/inserting.ts')
    return insertDocuments(await workspace.model(args.model), workspace, flags)
  }
}
