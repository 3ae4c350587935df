// A command on its way to the server, and whether it may change something there.
import type { CommandStartedEvent, Document } from 'mongodb'

/** A command on its way to the server. */
export interface SentCommand {
  readonly name: string
  readonly database: string
  readonly body: Document
  readonly isWrite: boolean
  readonly isInTransaction: boolean
}

/** Describes a command that the driver is about to send. */
export function sentCommand({ commandName: name, databaseName: database, command }: CommandStartedEvent): SentCommand {
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
  ...[
    'startSession',
    'refreshSessions',
    'endSessions',
    'killSessions',
    'killOp',
    'commitTransaction',
    'abortTransaction',
  ],
])
