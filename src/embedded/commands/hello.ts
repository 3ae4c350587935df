// Introduces the server: a replica set of one member, or a standalone.
import { int32 } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import type { Command, Operation } from '../operation/room.ts'
import { SESSION_TIMEOUT_MINUTES } from '../sessions/sessions.ts'
import { MAX_MESSAGE_BYTES } from '../wire/frame.ts'

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
const MAX_BATCH = 100_000
const WIRE_VERSION = 25
export const SET_NAME = 'goose'

export const hello: Command = {
  help: 'introduces the server',
  run: operation => introduction(operation, { isWritablePrimary: true }),
}

export const isMaster: Command = {
  help: 'introduces the server by the older name',
  run: operation => introduction(operation, { ismaster: true }),
}

function introduction({ room, client, request }: Operation, primary: object) {
  const asksForHello = request.body.get('helloOk') === true
  return document({
    ...(asksForHello || request.name === 'hello' ? { helloOk: true } : {}),
    ...primary,
    ...(room.standalone ? {} : membership(room.address, room.startedAt)),
    maxBsonObjectSize: int32(MAX_DOCUMENT_BYTES),
    maxMessageSizeBytes: int32(MAX_MESSAGE_BYTES),
    maxWriteBatchSize: int32(MAX_BATCH),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
    connectionId: client.id,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
  })
}

function membership(address: string, since: Date): object {
  return {
    hosts: [address],
    setName: SET_NAME,
    setVersion: 1,
    secondary: false,
    primary: address,
    me: address,
    lastWrite: { lastWriteDate: since, majorityWriteDate: since },
  }
}
