// Asks one question on stderr; Ctrl-C and the end of the input decline.
import inquirer from 'inquirer'
import { GooseError } from '../../errors.ts'

/** A choice of a list. */
export interface Choice {
  readonly name: string
  readonly value: unknown
  readonly description?: string
}

interface Common {
  readonly message: string
}

/** What can be asked. */
export type Question =
  | (Common & { readonly type: 'input'; readonly default?: string; readonly validate: Validate })
  | (Common & { readonly type: 'password'; readonly mask: string; readonly validate: Validate })
  | (Common & { readonly type: 'confirm'; readonly default: boolean })
  | (Common & { readonly type: 'select'; readonly choices: readonly Choice[]; readonly default?: unknown })
  | (Common & { readonly type: 'checkbox'; readonly choices: readonly Choice[]; readonly validate: ValidateChoices })
  | (Common & { readonly type: 'search'; readonly source: (term: string | undefined) => Promise<readonly Choice[]> })

/** Gives true, or what is wrong with an answer. */
export type Validate = (answer: string) => true | string | Promise<true | string>
type ValidateChoices = (chosen: readonly { readonly value: unknown }[]) => true | string | Promise<true | string>

/** Asks, and gives the answer. Throws `DECLINED` where the person leaves. */
export async function ask<T>(question: Question, action: string): Promise<T> {
  const leaving = onEnd(process.stdin)
  const streams = { input: process.stdin, output: process.stderr, signal: leaving.signal }
  try {
    // The types of inquirer tell questions of its own from those of plugins; these are its own.
    const asked = inquirer.createPromptModule(streams)([{ ...question, name: 'answer' }] as never)
    return ((await asked) as { readonly answer: T }).answer
  } catch (cause) {
    if (!/^(Exit|Abort)PromptError$/.test((cause as Error).name)) throw cause
    throw new GooseError('DECLINED', { action }, { cause })
  } finally {
    leaving.forget()
  }
}

/** Notices Ctrl-D on an empty line: it ends the input, for which inquirer would wait for ever. */
function onEnd(input: NodeJS.ReadStream) {
  const controller = new AbortController()
  const look = (_: unknown, key?: { readonly ctrl?: boolean; readonly name?: string }) => {
    if (key?.ctrl && key.name === 'd') setImmediate(() => input.isPaused() && controller.abort())
  }
  input.on('keypress', look)
  return { signal: controller.signal, forget: () => void input.off('keypress', look) }
}
