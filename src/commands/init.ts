// Command init: a configuration and a first model, or the models of a database, to start a project from.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count } from '../shell/flags.ts'

export default class Init extends GooseCommand<typeof Init> {
  static override summary = 'Start a project: goose.config.ts and a first model, or the models of a database.'
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --model Post',
    '<%= config.bin %> init --from-database --dry-run',
  ]
  static override flags = {
    model: Flags.string({
      summary: 'Name of the first model; User unless said, none where there are models.',
      helpValue: 'NAME',
    }),
    'from-database': Flags.boolean({ summary: 'Write models told from the collections of the database.' }),
    collection: Flags.string({
      summary: 'Collection to tell a model from; all unless said, repeat for more.',
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['from-database'],
      helpValue: 'NAME',
    }),
    sample: count({
      min: 1,
      summary: 'Documents of each collection to read at most.',
      default: 5000,
      helpValue: 'N',
    }),
    'dry-run': Flags.boolean({
      char: 'n',
      summary: 'Print the files instead of writing them.',
      dependsOn: ['from-database'],
    }),
  }

  async answer({ flags, workspace }: Asked<typeof Init>): Promise<Answer> {
    const { programName } = await import('../shell/installation.ts')
    const program = programName(this.config.root, process.cwd())
    if (flags['from-database']) {
      const { startFromDatabase } = await import('../shell/inferring.ts')
      return startFromDatabase(workspace, flags, program)
    }
    const { startProject } = await import('../shell/starting.ts')
    const { project } = await workspace.config()
    return startProject(process.cwd(), { model: flags.model, globs: project.models, program })
  }
}
