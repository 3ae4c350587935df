// Describes the commands that are running, and the transactions that wait for their next command.
import { hostname } from 'node:os'
import { Binary } from 'mongodb'
import type { Document } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Running } from '../operation/activity.ts'
import type { Room } from '../operation/room.ts'
import type { Session } from '../sessions/sessions.ts'

const KINDS: ReadonlyMap<string, string> = new Map([
  ['find', 'query'],
  ['getMore', 'getmore'],
  ['insert', 'insert'],
  ['update', 'update'],
  ['delete', 'remove'],
])

/** Gives entries in the form of currentOp. */
export function operationsOf(room: Room, { idleSessions }: { readonly idleSessions: boolean }): Document[] {
  const running = [...room.activity.running].map(operation => described(operation, room))
  const idle = room.sessions.all.filter(session => session.transaction?.state === 'open')
  return idleSessions ? [...running, ...idle.map(session => idleSession(session, room))] : running
}

/** Gives the server's name as monitoring shows it: the machine, and the port where there is one. */
export function hostOf({ address }: Room): string {
  const port = address.startsWith('/') ? undefined : address.split(':').at(-1)
  return port === undefined ? hostname() : `${hostname()}:${port}`
}

/** Gives a session's id in the form clients know it. */
export function lsidOf(id: string): Document {
  return document({ id: new Binary(Buffer.from(id, 'hex'), 4) })
}

function described({ id, request, peer, connection, startedAt }: Running, room: Room): Document {
  const milliseconds = Date.now() - startedAt
  const collection = request.body.get(request.name)
  return document({
    type: 'op',
    host: hostOf(room),
    desc: `conn${connection}`,
    connectionId: connection,
    client: peer,
    active: true,
    currentOpTime: new Date().toISOString(),
    opid: id,
    secs_running: Math.floor(milliseconds / 1000),
    microsecs_running: milliseconds * 1000,
    op: KINDS.get(request.name) ?? 'command',
    ns: `${request.db}.${typeof collection === 'string' ? collection : '$cmd'}`,
    command: request.body,
    waitingForLock: false,
  })
}

function idleSession({ id, number, transaction }: Session, room: Room): Document {
  return document({
    type: 'idleSession',
    host: hostOf(room),
    desc: 'inactive transaction',
    lsid: lsidOf(id),
    transaction: {
      parameters: { txnNumber: number, autocommit: false },
      startWallClockTime: new Date(transaction!.startedAt).toISOString(),
      timeOpenMicros: (Date.now() - transaction!.startedAt) * 1000,
    },
    active: false,
  })
}
