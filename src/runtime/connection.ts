// Connections by alias: a URI, MONGODB_URI, or the embedded database of the project.
import { join, resolve } from 'node:path'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { GooseError, NotConnected } from '../errors.ts'
import { maskUris } from './masked-uri.ts'
import { projectRoot } from './project-root.ts'
import { hopelessness, unreachedText } from './reaching.ts'

/** An open connection. */
export interface Connection {
  readonly alias: string
  /** The address, with the password masked. */
  readonly uri: string
  readonly db: Db
  readonly client: MongoClient
  close(): Promise<void>
}

/** The options of connect(). */
export interface ConnectOptions {
  /** The name models ask for with the option `connection`. */
  readonly alias?: string
  /** The database, when the URI does not name it. */
  readonly database?: string
  /** How long to look for a server, in milliseconds. */
  readonly timeout?: number
  /** Gives up at once where nothing listens or no such host is known, instead of trying until the timeout. */
  readonly tryOnce?: boolean
  /** Options of the driver's client, passed on as they are. */
  readonly driver?: MongoClientOptions
}

const KEY = Symbol.for('goose.connections')

interface Shared {
  readonly open: Map<string, Promise<Connection>>
  readonly ready: Map<string, Connection>
  readonly closed: Set<string>
}

function shared(): Shared {
  const holder = globalThis as { [KEY]?: Shared }
  holder[KEY] ??= { open: new Map(), ready: new Map(), closed: new Set() }
  return holder[KEY]
}

/** Connects, and gives the connection that models use from now on.
 *
 * ```ts
 * await connect('embedded::memory:')
 * ```
 */
export async function connect(uri?: string, options: ConnectOptions = {}): Promise<Connection> {
  const alias = options.alias ?? 'default'
  await disconnect(alias)
  const { open, ready, closed } = shared()
  closed.delete(alias)
  const opening = openConnection(uri ?? defaultUri(), { ...options, alias })
  open.set(alias, opening)
  try {
    const connection = await opening
    ready.set(alias, connection)
    return connection
  } catch (error) {
    if (open.get(alias) === opening) open.delete(alias)
    throw error
  }
}

/** Closes a connection; does nothing when it is not open. */
export async function disconnect(alias = 'default'): Promise<void> {
  const { open, ready, closed } = shared()
  const opening = open.get(alias)
  if (!opening) return
  open.delete(alias)
  ready.delete(alias)
  closed.add(alias)
  const connection = await opening.catch(() => undefined)
  await connection?.close()
}

/** Gives an open connection. Throws `NotConnected` when there is none of that name. */
export function connection(alias = 'default'): Connection {
  const found = shared().ready.get(alias)
  if (found) return found
  throw new NotConnected({ reason: `no connection "${alias}" is open` })
}

/** Gives a connection when it is open. */
export function openConnectionOf(alias: string): Connection | undefined {
  return shared().ready.get(alias)
}

/** Gives a connection, opening the default one on first use. */
export async function connectionOf(alias: string): Promise<Connection> {
  const { ready, open, closed } = shared()
  const there = ready.get(alias) ?? (await open.get(alias))
  if (there) return there
  if (alias !== 'default' || closed.has(alias)) throw new NotConnected({ reason: `no connection "${alias}" is open` })
  return connect()
}

const transactional = new WeakMap<MongoClient, Promise<boolean>>()

/** Tells whether the server of a connection has transactions: replica sets and sharded clusters do. */
export async function hasTransactions(alias: string): Promise<boolean> {
  const { client, db } = await connectionOf(alias)
  const asked =
    transactional.get(client) ??
    db.command({ hello: 1 }).then(hello => hello.setName !== undefined || hello.msg === 'isdbgrid')
  transactional.set(client, asked)
  // A server out of reach has not answered: it is asked again.
  asked.catch(() => transactional.delete(client))
  return asked
}

/** Serves the embedded database of a folder on a port of this machine, for other programs. */
export async function serveEmbedded(options: {
  readonly path: string
  readonly port: number
}): Promise<{ readonly uri: string; close(): Promise<void> }> {
  const { startEmbedded } = await import('../embedded/index.ts')
  return startEmbedded(options)
}

function defaultUri(): string {
  return process.env.MONGODB_URI || `embedded:${join(projectRoot(), '.goose', 'data')}`
}

type Opened = ConnectOptions & { readonly alias: string }

async function openConnection(uri: string, options: Opened): Promise<Connection> {
  if (uri.startsWith('embedded:')) return openEmbedded(uri, options)
  return openClient(uri, options)
}

async function openEmbedded(uri: string, options: Opened): Promise<Connection> {
  const path = uri.slice('embedded:'.length)
  if (path === '')
    throw new NotConnected({ reason: 'embedded: needs a folder, as in embedded:.goose/data, or embedded::memory:' })
  const { startEmbedded } = await import('../embedded/index.ts')
  const server = await startEmbedded(path === ':memory:' ? {} : { path: resolve(path) })
  try {
    const opened = await openClient(server.uri, options)
    const close = async () => {
      await opened.close()
      await server.close()
    }
    return { ...opened, uri, close }
  } catch (error) {
    await server.close()
    throw error
  }
}

async function openClient(uri: string, options: Opened): Promise<Connection> {
  const client = clientFor(uri, options)
  try {
    await (options.tryOnce ? Promise.race([client.connect(), hopelessness(client)]) : client.connect())
    const db = client.db(options.database)
    return { alias: options.alias, uri: maskUris(uri), db, client, close: () => client.close() }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw new NotConnected({ reason: `${maskUris(uri)}: ${unreachedText(error, uri)}` }, { cause: error })
  }
}

function clientFor(uri: string, options: Opened): MongoClient {
  try {
    return new MongoClient(uri, {
      ...(options.timeout === undefined ? {} : { serverSelectionTimeoutMS: options.timeout }),
      ignoreUndefined: true,
      ...options.driver,
    })
  } catch (error) {
    throw new GooseError(
      'NOT_CONNECTED',
      { reason: `${maskUris(uri)}: ${unreachedText(error, uri)}` },
      { cause: error },
    )
  }
}
