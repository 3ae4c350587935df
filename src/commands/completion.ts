// Command completion: the script that completes goose in a shell.
import * as Args from '@oclif/core/args'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'
import { completionHint, completionScript, type Shell, shells } from '../shell/completion-scripts.ts'

export default class Completion extends GooseCommand<typeof Completion> {
  static override summary = 'Print the script that completes goose in a shell.'
  static override examples = ['<%= config.bin %> completion bash', '<%= config.bin %> completion fish']
  static override args = {
    shell: Args.string({ required: true, ignoreStdin: true, options: [...shells], description: 'shell' }),
  }

  async answer({ args }: Asked<typeof Completion>): Promise<Answer> {
    const shell = args.shell as Shell
    const script = completionScript(shell)
    return { kind: 'value', data: { shell, script }, isText: true, text: script, footer: () => [completionHint(shell)] }
  }
}
