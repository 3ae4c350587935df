// Runs a request: finds the command, its session and transaction, and turns what happens into a reply.

import { setTimeout } from 'node:timers/promises'
import { type Document, decodeDocument } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { commands } from '../commands/table.ts'
import { CommandError } from '../errors.ts'
import type { Running } from '../operation/activity.ts'
import { numberAt } from '../operation/arguments.ts'
import { errorBody, toCommandError } from '../operation/error-reply.ts'
import { type Request, requestOf } from '../operation/request.ts'
import type { Client, Command, Operation, Reply, Room } from '../operation/room.ts'
import { TimeLimit } from '../operation/time-limit.ts'
import { unmetConcern } from '../operation/write-concern.ts'
import { type Entered, enterSession, leaveAfterError } from '../sessions/entry.ts'
import { withTime } from '../sessions/snapshots.ts'
import type { Message } from '../wire/message.ts'
import { withOperationTime } from './operation-time.ts'

/** The connection is to be closed without an answer. */
export const CLOSE = Symbol('close')

/** Gives the body of the reply to a message. */
export async function answer(message: Message, room: Room, client: Client): Promise<Buffer | typeof CLOSE> {
  let request: Request | undefined
  try {
    request = requestOf(message)
    const failure = room.failPoints.failureOf(request)
    if (failure && failure.milliseconds > 0) await setTimeout(failure.milliseconds)
    if (failure?.closesConnection) return CLOSE
    if (failure?.error) throw failure.error
    const reply = stamped(await run(request, room, client), request, room)
    const concernError = failure?.writeConcernError ?? unmetConcern(request.body)
    return concernError ? withConcernError(reply, concernError, failure?.labels) : reply
  } catch (error) {
    const body = errorBody(toCommandError(error))
    return request ? stamped(body, request, room) : body
  }
}

/** Only sessions read the time, and only those of replica sets. */
function stamped(reply: Buffer, { body }: Request, room: Room): Buffer {
  return room.standalone || !body.has('lsid') ? reply : withOperationTime(reply)
}

function withConcernError(reply: Buffer, error: Document, labels: readonly string[] = []): Buffer {
  const changed = decodeDocument(reply).set('writeConcernError', error)
  return encodeDocument(labels.length > 0 ? changed.set('errorLabels', [...labels]) : changed)
}

async function run(request: Request, room: Room, client: Client): Promise<Buffer> {
  const command = commandOf(request, room)
  if (command.adminOnly && request.db !== 'admin')
    throw new CommandError('Unauthorized', `${request.name} may only be run against the admin database.`)
  const entered = enterSession(request, command, room)
  if (entered.answered) return entered.answered
  const reply = finished(request, command, { room, client, entered })
  if (entered.remember) entered.remember(reply)
  return reply
}

function commandOf(request: Request, room: Room): Command {
  const command = commands.get(request.name)
  if (command === undefined || (request.name === 'configureFailPoint' && !room.failPoints.isEnabled))
    throw new CommandError('CommandNotFound', `no such command: '${request.name}'`)
  return command
}

interface Surroundings {
  readonly room: Room
  readonly client: Client
  readonly entered: Entered
}

async function finished(request: Request, command: Command, { room, client, entered }: Surroundings): Promise<Buffer> {
  const { session, transaction } = entered
  const milliseconds = numberAt(request.body, 'maxTimeMS')
  const past = transaction ? undefined : room.snapshots.stateFor(request)
  const data = transaction?.data ?? past?.data ?? room.store.data
  const running = room.activity.begin(request, client)
  const operation: Operation = {
    request,
    room,
    client,
    session,
    transaction,
    data,
    limit: milliseconds && request.name !== 'getMore' ? new TimeLimit(milliseconds) : undefined,
    running,
    write: work => (transaction ? writeIn(transaction.data, work) : room.store.write(unlessKilled(running, work))),
  }
  try {
    const reply = bodyOf(await command.run(operation))
    return past ? withTime(reply, past.time) : reply
  } catch (error) {
    throw leaveAfterError(toCommandError(error), entered, request)
  } finally {
    room.activity.end(running)
  }
}

/** A write may have been killed while it waited for its turn. */
function unlessKilled<Data, Result>(running: Running, work: (data: Data) => Result): (data: Data) => Result {
  return data => {
    if (running.isKilled) throw new CommandError('Interrupted', 'operation was interrupted')
    return work(data)
  }
}

async function writeIn<Data, Result>(data: Data, work: (data: Data) => Result): Promise<Result> {
  return work(data)
}

function bodyOf(reply: Reply): Buffer {
  if (Buffer.isBuffer(reply)) return reply
  if (!reply.has('ok')) reply.set('ok', 1)
  return encodeDocument(reply)
}
