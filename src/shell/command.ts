// The base of every command: parses, opens the workspace, asks the command for an answer, prints it, closes.

import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import type { Answer } from './answer.ts'
import { guardValues, unguarded } from './argv.ts'
import { baseFlags } from './flags.ts'
import type { Page } from './output/page.ts'
import { parseFault } from './parse-fault.ts'
import { type OutputFlags, pageFor } from './terminal.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** What a command is asked: its arguments, its flags with the shared ones, and the project. */
export interface Asked<C extends typeof Command> {
  readonly args: Interfaces.InferredArgs<C['args']>
  readonly flags: Interfaces.InferredFlags<typeof baseFlags & C['flags']>
  /** Words behind the arguments: what stands behind `--`. */
  readonly rest: readonly string[]
  readonly workspace: Workspace
}

/** A command: `answer` gives data, and never prints, connects or exits by itself. */
export abstract class GooseCommand<C extends typeof Command> extends Command {
  static override baseFlags = baseFlags

  /** Whether the command itself waits for a signal, which then is no interruption. */
  readonly waitsForSignal: boolean = false

  /** Whether somebody looks at each command before it is sent to the database. */
  readonly watchesCommands: boolean = false

  /** Whether the command writes nothing, so that it may read from where the connection prefers. */
  readonly readsOnly: boolean = false

  abstract answer(asked: Asked<C>): Promise<Answer>

  /** Runs the command and gives its exit code. */
  override async run(): Promise<number> {
    const { args, flags, rest } = await this.parseInput()
    const workspace = openWorkspace({ ...flags, watched: this.watchesCommands, readsOnly: this.readsOnly } as never)
    let page: Page | undefined
    const leave = this.waitsForSignal
      ? () => {}
      : onSignal({ close: () => workspace.close(), isPaged: () => page?.isPaged() === true })
    try {
      const answer = await this.answer({ args, flags, rest, workspace } as unknown as Asked<C>)
      page = await pageFor(flags as unknown as OutputFlags)
      return await printed(answer, page)
    } finally {
      leave()
      await workspace.close()
    }
  }

  /** Runs the command in a project that is open and stays so, and gives its exit code. */
  async runIn(workspace: Workspace): Promise<number> {
    const { args, flags } = await this.parseInput()
    const answer = await this.answer({ args, flags, workspace } as unknown as Asked<C>)
    return printed(answer, await pageFor({ ...flags, 'no-pager': true } as unknown as OutputFlags))
  }

  // oclif would print the error itself and choose another exit code.
  override async catch(error: Error): Promise<never> {
    throw error
  }

  /** Parses the command line; values that begin with a dash arrive as they were typed. */
  async parseInput(): Promise<{
    readonly args: Readonly<Record<string, unknown>>
    readonly flags: Readonly<Record<string, unknown>>
    readonly rest: readonly string[]
  }> {
    const { args, flags, strict } = this.ctor
    const argv = guardValues(this.argv, { ...baseFlags, ...flags })
    try {
      const parsed = await this.parse({ args, flags, baseFlags, strict }, argv)
      const rest = (parsed.argv as readonly string[]).slice(Object.keys(args).length).map(word => unguarded(word))
      return { args: withoutGuard(parsed.args), flags: withoutGuard(parsed.flags), rest }
    } catch (error) {
      const name = (this.id ?? '').replaceAll(':', ' ')
      const names = { args: Object.keys(args), flags: Object.keys({ ...flags, ...baseFlags }) }
      throw parseFault(error, { name, ...names })
    }
  }
}

async function printed(answer: Answer, page: Page): Promise<number> {
  const { printAnswer } = await import('./output/print.ts')
  await printAnswer(answer, page)
  return answer.exit ?? 0
}

function withoutGuard(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unguarded(value)]))
}

/** Closing may itself wait for a server that does not answer. */
function grace(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 500))
}

interface Ending {
  close(): Promise<void>
  isPaged(): boolean
}

/** Closes before the process ends on a signal; a second signal ends it at once. A pager has Ctrl-C to itself. */
function onSignal({ close, isPaged }: Ending): () => void {
  let isClosing = false
  const end = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && isPaged()) return
    const code = signal === 'SIGINT' ? 130 : 143
    if (isClosing) process.exit(code)
    isClosing = true
    void Promise.race([close(), grace()]).finally(() => process.exit(code))
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  return () => {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}
