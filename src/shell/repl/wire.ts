// Looks at every command of a client before it is sent: who looks may refuse it by throwing.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import { type CommandStartedEvent, type Document, Long, type MongoClient } from 'mongodb'
import { GooseError } from '../../errors.ts'

/** A command on its way to the server. */
export interface SentCommand {
  readonly name: string
  readonly database: string
  readonly body: Document
  readonly isWrite: boolean
  readonly isInTransaction: boolean
}

/** A command that runs, or a cursor that it has left open. */
interface Open {
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
  readonly #look: (command: SentCommand) => void
  readonly #lines = new AsyncLocalStorage<AbortSignal>()
  readonly #running = new Map<number, Open>()
  readonly #cursors = new Map<string, Open>()

  /** Has every command looked at before it is sent. */
  constructor(look: (command: SentCommand) => void) {
    this.#look = look
  }

  /** Looks at the commands of a client from now on. */
  watch(client: MongoClient): void {
    client.on('commandStarted', event => {
      const line = this.#lines.getStore()
      if (line?.aborted && !endings.has(event.commandName)) throw stopped()
      this.#look(sentCommand(event))
      this.#running.set(event.requestId, openOf(client, event, line))
    })
    client.on('commandSucceeded', ({ requestId, reply }) => this.#ended(requestId, reply as Document))
    client.on('commandFailed', ({ requestId }) => this.#ended(requestId))
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
        ...running.map(({ client, session }) => session && tell(client, 'admin', { killSessions: [session] })),
        ...cursors.map(([id, { client, database, collection }]) => {
          this.#cursors.delete(id)
          return tell(client, database, { killCursors: collection, cursors: [Long.fromString(id)] })
        }),
      ]),
    )
  }

  // A reply names the cursor that it has left open, or 0 when there is no more.
  #ended(requestId: number, reply?: Document): void {
    const open = this.#running.get(requestId)
    this.#running.delete(requestId)
    if (!open) return
    for (const id of open.read) this.#cursors.delete(id)
    const id = reply?.cursor?.id
    if (id !== undefined && String(id) !== '0') this.#cursors.set(String(id), open)
  }
}

function openOf(client: MongoClient, event: CommandStartedEvent, line: AbortSignal | undefined): Open {
  const { command, commandName, databaseName: database } = event
  const collection = String(command.collection ?? command[commandName])
  const read = commandName === 'getMore' ? [command.getMore] : commandName === 'killCursors' ? command.cursors : []
  return { client, line, database, collection, read: read.map(String), session: command.lsid as Document | undefined }
}

// A server that cannot is left to finish, and one that does not answer is not waited for.
async function tell(client: MongoClient, database: string, command: Document): Promise<void> {
  const told = client.db(database).command(command)
  await Promise.race([told.catch(() => undefined), setTimeout(PATIENCE, undefined, { ref: false })])
}

const PATIENCE = 2000

function stopped(): GooseError {
  return new GooseError('DECLINED', { action: 'a command of a stopped line' })
}

/** What a line may still send when it is stopped: it only ends what is open. */
const endings = new Set(['killCursors', 'endSessions', 'abortTransaction', 'killSessions'])

function sentCommand({ commandName: name, databaseName: database, command }: CommandStartedEvent): SentCommand {
  return {
    name,
    database,
    body: command,
    isWrite: isWrite(name, command),
    isInTransaction: command.autocommit === false,
  }
}

/** Says whether a command may change something: all do that are not known to read. */
function isWrite(name: string, command: Document): boolean {
  if (name === 'aggregate') return stagesOf(command).some(stage => '$out' in stage || '$merge' in stage)
  if (name === 'explain') return false
  return !reads.has(name)
}

function stagesOf({ pipeline }: Document): readonly Document[] {
  return Array.isArray(pipeline) ? pipeline : []
}

const reads = new Set([
  ...[
    'hello',
    'isMaster',
    'ismaster',
    'ping',
    'buildInfo',
    'buildinfo',
    'connectionStatus',
    'getParameter',
    'hostInfo',
  ],
  ...['saslStart', 'saslContinue', 'authenticate', 'logout', 'whatsmyuri', 'getCmdLineOpts', 'listCommands', 'getLog'],
  ...['find', 'getMore', 'killCursors', 'count', 'distinct', 'listCollections', 'listDatabases', 'listIndexes'],
  ...['collStats', 'dbStats', 'dataSize', 'serverStatus', 'currentOp', 'top', 'replSetGetStatus', 'dbHash'],
  ...['startSession', 'refreshSessions', 'endSessions', 'killSessions', 'commitTransaction', 'abortTransaction'],
])
