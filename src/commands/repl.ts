// Command repl: a console with the models loaded, for live data.
import * as Flags from '@oclif/core/flags'
import type { Answer } from '../shell/answer.ts'
import { type Asked, GooseCommand } from '../shell/command.ts'

export default class Repl extends GooseCommand<typeof Repl> {
  static override summary = 'Open a console with the models loaded.'
  static override examples = [
    '<%= config.bin %> repl',
    "<%= config.bin %> repl --eval 'Post.find({ published: true }).count()'",
  ]
  static override flags = {
    'read-only': Flags.boolean({ summary: 'Refuse every write.', helpGroup: 'SAFETY', exclusive: ['write'] }),
    sandbox: Flags.boolean({ summary: 'Stage writes: seen by this session, not stored.', helpGroup: 'SAFETY' }),
    write: Flags.string({
      summary: 'Allow writes on a protected connection, and say why.',
      helpGroup: 'SAFETY',
      helpValue: 'REASON',
    }),
    confirm: Flags.string({
      summary: 'Word that gives consent where it cannot be asked for.',
      helpGroup: 'SAFETY',
      helpValue: 'WORD',
    }),
    eval: Flags.string({
      char: 'e',
      summary: 'Run this code, print its last value, and leave.',
      helpValue: 'CODE',
      exclusive: ['file'],
    }),
    file: Flags.string({ summary: 'Run a file, print its last value, and leave; - is stdin.', helpValue: 'PATH' }),
    'no-rc': Flags.boolean({ summary: 'Do not run goose.repl.ts of the project.' }),
  }

  override readonly watchesCommands = true
  override readonly waitsForSignal = true

  /** Ends the process once all is printed: what a line has left running keeps nobody waiting. */
  override async run(): Promise<number> {
    const exit = await super.run()
    setTimeout(() => process.exit(), 300).unref()
    return exit
  }

  async answer({ flags, workspace }: Asked<typeof Repl>): Promise<Answer> {
    const { isAtTerminal, openConsole } = await import('../shell/repl/opening.ts')
    const opened = await openConsole(workspace, flags, this.config.root)
    if (!isAtTerminal(flags)) {
      const { codeIn, runScript } = await import('../shell/repl/script.ts')
      return runScript(
        opened,
        flags.eval === undefined ? codeIn(flags.file ?? '-') : { name: 'eval', text: flags.eval },
      )
    }
    const { runConsole } = await import('../shell/repl/console.ts')
    return { kind: 'value', data: null, text: '', exit: await runConsole(opened) }
  }
}
