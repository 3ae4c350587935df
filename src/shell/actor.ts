// Who acts at a prompt or in cron: for the audit and for deletion marks.
import { thisHolder } from '../operations/holder.ts'
import type { Actor } from '../runtime/context.ts'

/** Gives the actor of a command: GOOSE_ACTOR, or the user of the machine. */
export function actorOf({ reason }: { readonly reason?: string | undefined }): Actor {
  const { user, host } = thisHolder()
  const userId = process.env.GOOSE_ACTOR || `${user}@${host}`
  return { via: 'cli', userId, ...(reason === undefined ? {} : { reason }) }
}
