// Consent to writes: asked for on a terminal, demanded as a flag anywhere else.
import { GooseError } from '../errors.ts'
import type { Workspace } from './workspace.ts'

/** The flags that give consent before it is asked for. */
export interface ConsentFlags {
  readonly yes?: boolean | undefined
  readonly confirm?: string | undefined
  readonly 'no-input'?: boolean | undefined
}

/** What is about to happen. */
export interface Deed {
  /** A sentence without its end: `delete Post 65f…for good`. */
  readonly action: string
  /** The word to type. */
  readonly token: string
  /** Whether it can be undone; what can needs no word, unless the connection is protected. */
  readonly isReversible: boolean
  /** The word of a policy that consents to exactly this, wherever it is done. */
  readonly standing?: string | undefined
  /** Another connection that is written to as well. */
  readonly also?: string | undefined
}

/** Makes sure that a write is meant. Throws `CONSENT_NEEDED` where nobody can be asked, `DECLINED` when it is not. */
export async function requireConsent(workspace: Workspace, flags: ConsentFlags, deed: Deed): Promise<void> {
  const own = await workspace.address()
  // Whichever of them is protected: its name is the word.
  const address = own.isProtected || deed.also === undefined ? own : await workspace.addressNamed(deed.also)
  const token = address.isProtected ? address.name : deed.token
  if (deed.isReversible && !address.isProtected) return
  if (deed.standing !== undefined && flags.confirm === deed.standing) return
  const action = address.isProtected ? `${deed.action} on the protected connection ${address.name}` : deed.action
  return demand(flags, { action, token, shown: deed.standing ?? token })
}

/** Asks for a word, or demands it as a flag, whatever could be undone; on a protected connection that is said. */
export async function askOrDemand(workspace: Workspace, flags: ConsentFlags, wanted: Wanted): Promise<void> {
  const { name, isProtected } = await workspace.address()
  const action = isProtected ? `${wanted.action} on the protected connection ${name}` : wanted.action
  return demand(flags, { ...wanted, action })
}

/** A word that is wanted, and how to give it where nobody can be asked. */
export interface Wanted {
  readonly action: string
  readonly token: string
  /** The word to name where it is not given; the token unless said. */
  readonly shown?: string
  readonly hint?: string
}

async function demand(
  flags: ConsentFlags,
  { action, token, shown = token, hint = `add --confirm ${shown}` }: Wanted,
): Promise<void> {
  if (flags.confirm === token) return
  if (flags.confirm !== undefined)
    throw new GooseError('CONSENT_NEEDED', {
      action,
      hint: `"${flags.confirm}" is not the word; it is --confirm ${shown}`,
    })
  if (!canAsk(flags)) throw new GooseError('CONSENT_NEEDED', { action, hint })
  const askWord = asking.ask ?? (await import('./prompts/word.ts')).askWord
  if ((await askWord(`${action}. Type ${token} to go on: `)) !== token) throw new GooseError('DECLINED', { action })
}

/** Says whether somebody is there to answer. */
function canAsk(flags: Pick<ConsentFlags, 'no-input'>): boolean {
  if (flags['no-input'] || process.env.CI) return false
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Says whether somebody is there to fill in a form; a console has the terminal to itself. */
export function canFill(flags: Pick<ConsentFlags, 'no-input'>): boolean {
  return canAsk(flags) && asking.ask === undefined
}

/** Lets who has the terminal ask for words from now on. */
export function askBy(ask: (question: string) => Promise<string>): void {
  asking.ask = ask
}

const asking: { ask?: (question: string) => Promise<string> } = {}
