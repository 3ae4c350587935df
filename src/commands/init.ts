// Command init: a configuration and a first model, to start a project from.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'

export default class Init extends GooseCommand<typeof Init> {
  static override summary = 'Start a project: goose.config.ts and a first model.'
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init --model Post']
  static override flags = {
    model: Flags.string({ summary: 'Name of the first model.', default: 'User', helpValue: 'NAME' }),
  }

  async answer({ flags }: Asked<typeof Init>): Promise<Answer> {
    const { startProject } = await import('../shell/starting.ts')
    const { programName } = await import('../shell/installation.ts')
    return startProject(process.cwd(), flags.model, programName(this.config.root, process.cwd()))
  }
}
