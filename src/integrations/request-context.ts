// Who asks and by which request: what audit entries and logs are to say.
import { randomUUID } from 'node:crypto'
import type { Actor } from '../runtime/context.ts'

/** What the application says of who asks: an id, more about the actor, or nothing. */
export type UserAnswer = string | Pick<Actor, 'userId' | 'reason'> | null | undefined

/** Gives the id of a request: the client's where it is one, to follow it through systems, or a new one. */
export function requestIdOf(given: unknown): string {
  return typeof given === 'string' && /^[\w.:@=+/-]{1,128}$/.test(given) ? given : randomUUID()
}

/** Makes the actor of a request. Only the application's hook says who it is; headers of a client never do. */
export function actorOf(
  user: UserAnswer,
  about: { readonly requestId: string; readonly ipAddress?: string | undefined },
): Actor {
  const { requestId, ipAddress } = about
  return {
    ...(typeof user === 'object' && user !== null ? user : user === undefined || user === null ? {} : { userId: user }),
    requestId,
    ...(ipAddress === undefined ? {} : { ipAddress }),
    via: 'app',
  }
}
