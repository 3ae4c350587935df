// Command export: documents of a model as a stream or a file, with their types.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count, filterFlags, queryFlags } from '../shell/flags.ts'

export default class Export extends GooseCommand<typeof Export> {
  static override summary = 'Export documents of a model; secret and encrypted fields only when asked for.'
  static override examples = [
    '<%= config.bin %> export Post --file posts.ejson.gz',
    '<%= config.bin %> export Post --where published=true --format csv --select title,views',
  ]
  static override args = { model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }) }
  static override flags = {
    format: Flags.option({
      options: ['ejson', 'ndjson', 'json', 'csv', 'bson'] as const,
      summary: 'Format; by the ending of --file, ejson otherwise.',
    })(),
    file: Flags.string({ summary: 'File to write, packed where it ends in .gz; stdout otherwise.', helpValue: 'PATH' }),
    'include-secrets': Flags.boolean({ summary: 'Write secret fields too, and encrypted ones as they are stored.' }),
    decrypt: Flags.boolean({ summary: 'Write secret fields too, and encrypted ones in clear.' }),
    ...filterFlags,
    sort: queryFlags.sort,
    select: queryFlags.select,
    limit: count({ char: 'l', summary: 'How many documents at most.', helpGroup: 'QUERY', helpValue: 'N' }),
    hint: queryFlags.hint,
  }

  override readonly readsOnly = true

  async answer({ args, flags, workspace }: Asked<typeof Export>): Promise<Answer> {
    const { exportDocuments } = await import('../shell/exporting.ts')
    return exportDocuments(await workspace.model(args.model), flags)
  }
}
