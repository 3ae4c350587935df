// Begins, keeps and ends logical sessions.

import { randomBytes } from 'node:crypto'
import { Binary } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Command, Operation } from '../operation/room.ts'
import { SESSION_TIMEOUT_MINUTES, sessionIdOf } from '../sessions/sessions.ts'

export const startSession: Command = {
  help: 'begins a session',
  run: ({ room }) => {
    const bytes = randomBytes(16)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const id = new Map<string, Value>([['id', new Binary(bytes, 4)]])
    room.sessions.use(id)
    return document({ timeoutMinutes: SESSION_TIMEOUT_MINUTES }).set('id', id)
  },
}

export const refreshSessions: Command = {
  help: 'keeps sessions from timing out',
  run: operation => {
    for (const lsid of named(operation)) operation.room.sessions.use(lsid)
    return document({})
  },
}

export const endSessions: Command = { help: 'ends sessions', run: operation => end(operation, named(operation)) }

export const killSessions: Command = {
  help: 'ends sessions and what they have open, all without a list',
  run: operation => {
    const lsids = named(operation)
    if (lsids.length > 0) return end(operation, lsids)
    operation.room.sessions.endAll()
    operation.room.cursors.closeIf(cursor => cursor.source.session !== undefined)
    return document({})
  },
}

function named({ request }: Operation): Document[] {
  const list = request.body.get(request.name)
  return Array.isArray(list) ? (list.filter(lsid => lsid instanceof Map && lsid.has('id')) as Document[]) : []
}

function end({ room }: Operation, lsids: readonly Document[]): Document {
  for (const lsid of lsids) {
    const id = sessionIdOf(lsid)
    room.sessions.end(id)
    room.cursors.closeIf(cursor => cursor.source.session === id)
  }
  return document({})
}
