// Looks at every command of a client before it is sent: who looks may refuse it by throwing.
import type { CommandStartedEvent, Document, MongoClient } from 'mongodb'

/** A command on its way to the server. */
export interface SentCommand {
  readonly name: string
  readonly database: string
  readonly body: Document
  readonly isWrite: boolean
  readonly isInTransaction: boolean
}

/** What is under way on a client, so that it can be stopped. */
export interface Wire {
  /** Stops on the server what runs now; a server that cannot is left to finish. */
  stopAll(): Promise<void>
}

/** Has every command looked at before it is sent. The driver tells of commands just before it writes them,
 * and what the listener throws reaches the caller instead of the server. */
export function watchWire(client: MongoClient, look: (command: SentCommand) => void): Wire {
  const running = new Map<number, Document>()
  client.on('commandStarted', event => {
    look(sentCommand(event))
    const session = event.command.lsid as Document | undefined
    if (session) running.set(event.requestId, session)
  })
  const ended = ({ requestId }: { readonly requestId: number }) => running.delete(requestId)
  client.on('commandSucceeded', ended)
  client.on('commandFailed', ended)
  const stopAll = async () => {
    const sessions = [...running.values()]
    if (sessions.length === 0) return
    await client
      .db('admin')
      .command({ killSessions: sessions })
      .catch(() => undefined)
  }
  return { stopAll }
}

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
