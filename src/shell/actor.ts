// Who acts at a prompt or in cron: for the audit and for deletion marks.
import { thisHolder } from '../operations/holder.ts'
import { type Actor, currentActor } from '../runtime/context.ts'

/** Gives the actor of a command: GOOSE_ACTOR, or the user of the machine; in the console, who acts there. */
export function actorOf({ reason }: { readonly reason?: string | undefined }): Actor {
  const { user, host } = thisHolder()
  const ambient = currentActor()
  const own = { via: 'cli' as const, userId: process.env.GOOSE_ACTOR || `${user}@${host}` }
  return { ...own, ...(ambient.via === 'repl' ? ambient : {}), ...(reason === undefined ? {} : { reason }) }
}
