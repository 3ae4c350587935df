// Looks at every command of a client before it is sent: who looks may refuse it by throwing.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import {
  type CommandFailedEvent,
  type CommandStartedEvent,
  type CommandSucceededEvent,
  type Document,
  Long,
  MongoClient,
} from 'mongodb'
import { type SentCommand, sentCommand } from './sent-command.ts'

/** Who looks at commands: before they are sent, to refuse them by throwing, and when they are answered. */
export interface Watcher {
  look(command: SentCommand): void
  /** Is told the reply; nothing where the command has failed. */
  answered(command: SentCommand, reply: Document | undefined): void
}

/** What becomes of the commands of a line that was stopped: nobody waits for them any more. */
export class StoppedLine extends Error {}

/** A command that runs, or a cursor that it has left open. */
interface Open {
  readonly command: SentCommand
  readonly client: MongoClient
  /** The line that has sent it. */
  readonly line: AbortSignal | undefined
  readonly session: Document | undefined
  readonly database: string
  readonly collection: string
  /** The cursors that it reads on, or closes. */
  readonly read: readonly string[]
}

/** The commands of a session on all its connections. The driver tells of commands just before it writes them,
 * and what the listener throws reaches the caller instead of the server. */
export class Wire {
  readonly #watcher: Watcher
  readonly #lines = new AsyncLocalStorage<AbortSignal>()
  readonly #running = new Map<number, Open>()
  readonly #cursors = new Map<string, Open>()
  readonly #watched = new WeakSet<MongoClient>()

  constructor(watcher: Watcher) {
    this.#watcher = watcher
  }

  /** Looks at the commands of a client from now on, and at those of every client that is made from now on. */
  watch(client: MongoClient): void {
    this.#watchOne(client)
    const { prototype } = MongoClient
    const { connect } = prototype
    const watch = (opened: MongoClient) => this.#watchOne(opened)
    prototype.connect = function connectWatched() {
      watch(this)
      return connect.call(this)
    }
  }

  // A listener could be taken off again.
  #watchOne(client: MongoClient): void {
    if (this.#watched.has(client)) return
    this.#watched.add(client)
    const inner = client as unknown as { monitorCommands: boolean; emit(name: string, event: unknown): boolean }
    const { emit } = inner
    inner.monitorCommands = true
    const look = (name: string, event: unknown) => {
      if (name === 'commandStarted') this.#started(client, event as CommandStartedEvent)
      else if (name === 'commandSucceeded') this.#ended(event as CommandSucceededEvent)
      else if (name === 'commandFailed') this.#ended(event as CommandFailedEvent)
      return emit.call(client, name, event)
    }
    Object.defineProperty(client, 'emit', { value: look })
  }

  #started(client: MongoClient, event: CommandStartedEvent): void {
    const line = this.#lines.getStore()
    if (line?.aborted && !endings.has(event.commandName)) throw new StoppedLine()
    const command = sentCommand(event)
    this.#watcher.look(command)
    this.#running.set(event.requestId, { ...openOf(client, event, line), command })
  }

  /** Runs what a line asks for: once the signal has aborted, nothing of it is sent any more. */
  within<T>(line: AbortSignal, act: () => T): T {
    return this.#lines.run(line, act)
  }

  /** Says whether a command of a line is under way. */
  isBusy(line: AbortSignal): boolean {
    return [...this.#running.values()].some(open => open.line === line)
  }

  /** Ends on the server what a line runs there, and closes what it has left open. */
  async stop(line: AbortSignal): Promise<void> {
    const mine = (open: Open) => open.line === line
    const running = [...this.#running.values()].filter(mine)
    const cursors = [...this.#cursors].filter(([, open]) => mine(open))
    await this.#lines.exit(() =>
      Promise.all([
        ...running.map(({ client, session }) => session && inTime(killed(client, session))),
        ...cursors.map(([id, { client, database, collection }]) => {
          this.#cursors.delete(id)
          return inTime(client.db(database).command({ killCursors: collection, cursors: [Long.fromString(id)] }))
        }),
      ]),
    )
  }

  // A reply names the cursor that it has left open, or 0 when there is no more.
  #ended(event: CommandSucceededEvent | CommandFailedEvent): void {
    const open = this.#running.get(event.requestId)
    this.#running.delete(event.requestId)
    if (!open) return
    const reply = 'reply' in event ? (event.reply as Document) : undefined
    this.#watcher.answered(open.command, reply)
    for (const id of open.read) this.#cursors.delete(id)
    const id = reply?.cursor?.id
    if (id !== undefined && String(id) !== '0') this.#cursors.set(String(id), open)
  }
}

function openOf(client: MongoClient, event: CommandStartedEvent, line: AbortSignal | undefined): Omit<Open, 'command'> {
  const { command, commandName, databaseName: database } = event
  const collection = String(command.collection ?? command[commandName])
  const read = commandName === 'getMore' ? [command.getMore] : commandName === 'killCursors' ? command.cursors : []
  return { client, line, database, collection, read: read.map(String), session: command.lsid as Document | undefined }
}

// A server that cannot is left to finish, and one that does not answer is not waited for.
async function inTime(told: Promise<unknown>): Promise<void> {
  await Promise.race([told.catch(() => undefined), setTimeout(PATIENCE, undefined, { ref: false })])
}

/** Ends what a session runs: the session as a whole, or where the server does not know that, each operation of it. */
async function killed(client: MongoClient, session: Document): Promise<void> {
  const admin = client.db('admin')
  try {
    await admin.command({ killSessions: [session] })
  } catch {
    const { inprog } = await admin.command({ currentOp: 1, 'lsid.id': session.id })
    for (const { opid } of inprog as readonly Document[]) await admin.command({ killOp: 1, op: opid })
  }
}

const PATIENCE = 2000

/** What a line may still send when it is stopped: it only ends what is open. */
const endings = new Set(['killCursors', 'endSessions', 'abortTransaction', 'killSessions'])
