// Who asks, for routes that need somebody.
import type { ObjectId } from 'goose-odm'
import type { RouteRequest } from 'goose-odm/http'

/** Gives the id of who asks. Throws 401 where nobody is signed in. */
export function signedIn({ actor }: RouteRequest): ObjectId {
  if (actor.userId === undefined) throw refused(401, 'sign in first: authorization: Bearer TOKEN')
  return actor.userId as ObjectId
}

/** Makes an error that clients are told with this status. */
export function refused(status: number, message: string): Error {
  return Object.assign(new Error(message), { status })
}
