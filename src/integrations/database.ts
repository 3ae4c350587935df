// The connection of a server: opened when it starts, closed when it stops, asked how it is.
import { NotConnected } from '../errors.ts'
import { type Connection, type ConnectOptions, connect, disconnect, openConnectionOf } from '../runtime/connection.ts'

/** Which database a server uses. */
export interface DatabaseOptions extends ConnectOptions {
  /** The address; without one, an open connection is used, then MONGODB_URI, then the embedded database. */
  readonly uri?: string
}

/** The database of a server. */
export interface ServerDatabase {
  open(): Promise<void>
  /** Closes what it has opened; a connection of the application stays open. */
  close(): Promise<void>
  /** Asks the server. Throws `NotConnected` when it does not answer in time. */
  ping(): Promise<void>
}

// A person waits for a web page: much less than the driver's 30 seconds.
const PATIENCE = 5000

// Who asks after the health of a server gives up soon, and then ends it.
const PING_PATIENCE = 2000

/** Makes the database of a server; nothing is opened yet. */
export function serverDatabase({ uri, ...options }: DatabaseOptions): ServerDatabase {
  const alias = options.alias ?? 'default'
  let opened: Promise<Connection> | undefined
  const open = async () => {
    if (!opened && uri === undefined && openConnectionOf(alias)) return
    opened ??= connect(uri, { timeout: PATIENCE, ...options })
    await opened.catch(error => {
      opened = undefined
      throw error
    })
  }
  return {
    open,
    close: async () => {
      if (!opened) return
      opened = undefined
      await disconnect(alias)
    },
    ping: async () => {
      await open()
      const found = openConnectionOf(alias)
      if (!found) throw new NotConnected({ reason: `no connection "${alias}" is open` })
      await answered(found)
    },
  }
}

// A server that hangs keeps its sockets open: only a limit of one's own tells it from a slow one.
async function answered({ db }: Connection): Promise<void> {
  const signal = AbortSignal.timeout(PING_PATIENCE)
  try {
    await db.command({ ping: 1 }, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new NotConnected({ reason: `no answer within ${PING_PATIENCE} ms` }, { cause: error })
  }
}
