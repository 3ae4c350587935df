// Command import: documents of a file stored as a model's, checked and with their types.
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count, runFlags } from '../shell/flags.ts'

const { all: _all, 'max-docs': _maxDocs, ...flagsOfRuns } = runFlags

export default class Import extends GooseCommand<typeof Import> {
  static override summary = 'Import documents of a file or of stdin; hooks do not run, the model is kept to.'
  static override examples = [
    '<%= config.bin %> import Post --file posts.ejson.gz --dry-run',
    '<%= config.bin %> import User --file users.csv --mode merge --key email --on-error file:rejected.csv',
  ]
  static override args = { model: Args.string({ required: true, ignoreStdin: true, description: 'name of the model' }) }
  static override flags = {
    file: Flags.string({
      summary: 'File to read, packed or not; - is stdin, which cannot be resumed.',
      default: '-',
      helpValue: 'PATH',
    }),
    format: Flags.option({
      options: ['ejson', 'ndjson', 'json', 'csv', 'bson'] as const,
      summary: 'Format; by the ending of the name, or how the file begins.',
    })(),
    mode: Flags.option({
      options: ['insert', 'upsert', 'merge', 'delete'] as const,
      default: 'insert' as const,
      summary: 'Insert, replace or insert, set the fields of the file, or delete.',
    })(),
    key: Flags.string({ default: '_id', summary: 'Paths that tell which document is meant.', helpValue: 'PATHS' }),
    validate: Flags.boolean({ allowNo: true, default: true, summary: 'Refuse what does not fit the model.' }),
    defaults: Flags.boolean({ summary: 'Fill in defaults and times that the file leaves out.' }),
    'on-error': Flags.string({ default: 'stop', summary: 'stop, skip, or file:PATH.', helpValue: 'WHAT' }),
    parallel: count({
      min: 1,
      default: 2,
      summary: 'Batches written side by side.',
      helpGroup: 'PACE',
      helpValue: 'N',
    }),
    ...flagsOfRuns,
  }

  override readonly waitsForSignal = true

  async answer({ args, flags, workspace }: Asked<typeof Import>): Promise<Answer> {
    const { importDocuments } = await import('../shell/importing.ts')
    return importDocuments(await workspace.model(args.model), workspace, flags)
  }
}
