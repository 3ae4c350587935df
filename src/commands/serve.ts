// Command serve: the embedded database in the foreground, for mongosh, Compass and other programs.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { count } from '../shell/flags.ts'

export default class Serve extends GooseCommand<typeof Serve> {
  static override summary = 'Serve the embedded database on a port of this machine until interrupted.'
  static override examples = ['<%= config.bin %> serve', '<%= config.bin %> serve --port 27018 --path ./data']
  static override flags = {
    port: count({ summary: 'Port on 127.0.0.1; 0 takes a free one.', default: 27017, helpValue: 'N' }),
    path: Flags.string({ summary: 'Data folder; .goose/data of the project otherwise.', helpValue: 'FOLDER' }),
  }

  override readonly waitsForSignal = true

  async answer({ flags, workspace }: Asked<typeof Serve>): Promise<Answer> {
    const { serve } = await import('../shell/serving.ts')
    return serve({ port: flags.port, path: flags.path, root: workspace.root, isQuiet: flags.quiet === true })
  }
}
