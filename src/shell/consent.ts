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
  readonly standing?: string
}

/** Makes sure that a write is meant. Throws `CONSENT_NEEDED` where nobody can be asked, `DECLINED` when it is not. */
export async function requireConsent(workspace: Workspace, flags: ConsentFlags, deed: Deed): Promise<void> {
  const address = await workspace.address()
  const token = address.isProtected ? address.name : deed.token
  if (deed.isReversible && !address.isProtected) return
  if (flags.confirm === token || (deed.standing !== undefined && flags.confirm === deed.standing)) return
  const action = address.isProtected ? `${deed.action} on the protected connection ${address.name}` : deed.action
  if (flags.confirm !== undefined)
    throw new GooseError('CONSENT_NEEDED', {
      action,
      hint: `"${flags.confirm}" is not the word; it is --confirm ${deed.standing ?? token}`,
    })
  if (!canAsk(flags))
    throw new GooseError('CONSENT_NEEDED', { action, hint: `add --confirm ${deed.standing ?? token}` })
  const { askWord } = await import('./prompts/word.ts')
  if ((await askWord(`${action}. Type ${token} to go on: `)) !== token) throw new GooseError('DECLINED', { action })
}

/** Says whether somebody is there to answer. */
export function canAsk(flags: Pick<ConsentFlags, 'no-input'>): boolean {
  if (flags['no-input'] || process.env.CI) return false
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}
