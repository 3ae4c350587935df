// Who asks and by which request: what audit entries and logs are to say.
import { randomUUID } from 'node:crypto'
import type { Actor } from '../runtime/context.ts'

type UserId = string | number | bigint | { readonly _bsontype: string }

/** What the application says of who asks: an id, a document with one, more about the actor, or nothing. */
export type UserAnswer = UserId | { readonly _id: unknown } | Pick<Actor, 'userId' | 'reason'> | null | undefined

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
    ...whoIn(user),
    requestId,
    ...(ipAddress === undefined ? {} : { ipAddress }),
    via: 'app',
  }
}

// Of an object only what is meant: a whole user in the context would be in the audit, with all that is secret of it.
function whoIn(user: UserAnswer): Pick<Actor, 'userId' | 'reason'> {
  if (user === undefined || user === null) return {}
  if (typeof user !== 'object' || '_bsontype' in user) return { userId: user }
  if ('_id' in user) return { userId: user._id }
  const { userId, reason } = user
  return { ...(userId === undefined ? {} : { userId }), ...(reason === undefined ? {} : { reason }) }
}
