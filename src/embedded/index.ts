// Starts the embedded database: a MongoDB-compatible server in this process, over a folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Activity } from './operation/activity.ts'
import { Cursors } from './operation/cursors.ts'
import { FailPoints } from './operation/fail-points.ts'
import type { Room } from './operation/room.ts'
import { startHousekeeping } from './server/housekeeping.ts'
import { type Connections, type Listener, listen, serve } from './server/server.ts'
import { Sessions } from './sessions/sessions.ts'
import { Snapshots } from './sessions/snapshots.ts'
import { Catalog } from './store/catalog.ts'
import { Claims } from './store/claims.ts'
import { openFolder } from './store/folder.ts'
import { registerUser } from './store/folder-users.ts'
import type { Store } from './store/store.ts'

export interface EmbeddedOptions {
  /** the folder of the data; without one a temporary folder is used and removed at close */
  readonly path?: string
  /** listens on 127.0.0.1 at this port instead of a private socket; 0 takes a free one */
  readonly port?: number
  /** whether a write is acknowledged only after it reached the disk; true unless the folder is temporary */
  readonly durable?: boolean
  /** answers as a server without sessions' transactions, like a mongod that is no replica set */
  readonly standalone?: boolean
  /** lets clients make commands fail on purpose by configureFailPoint, for their tests */
  readonly failPoints?: boolean
}

export interface Embedded {
  readonly uri: string
  close(): Promise<void>
}

/** Starts an embedded database and gives the URI that MongoDB's drivers connect to.
 *
 * ```ts
 * const database = await startEmbedded()
 * const client = await MongoClient.connect(database.uri)
 * await client.db('blog').collection('posts').insertOne({ title: 'Hello' })
 * await client.close()
 * await database.close()
 * ```
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const temporary = options.path === undefined ? mkdtempSync(join(tmpdir(), 'goose-data-')) : undefined
  const remove = () => {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
  }
  try {
    const path = temporary ?? options.path!
    const durable = options.durable ?? temporary === undefined
    const store = await openFolder({ path, durable, isPrivate: temporary !== undefined })
    process.once('exit', remove)
    return await start(store, options, async () => {
      process.off('exit', remove)
      remove()
    })
  } catch (error) {
    remove()
    throw error
  }
}

async function start(store: Store, options: EmbeddedOptions, afterwards: () => Promise<void>): Promise<Embedded> {
  const listener = await listen(options.port)
  const connections: Connections = { current: 0, total: 0 }
  const room = roomOf(store, listener, { options, connections })
  serve(listener, room, connections)
  const unregister = options.path === undefined ? () => {} : registerUser(options.path, listener.address)
  const housekeeping = startHousekeeping(room)
  let closing: Promise<void> | undefined
  const close = async () => {
    housekeeping.stop()
    unregister()
    await listener.close()
    room.sessions.endAll()
    room.cursors.closeIf(() => true)
    room.snapshots.release(Number.POSITIVE_INFINITY)
    await store.close()
    await afterwards()
  }
  return { uri: uriOf(listener, room), close: () => (closing ??= close()) }
}

function roomOf(
  store: Store,
  listener: Listener,
  { options, connections }: { readonly options: EmbeddedOptions; readonly connections: Connections },
): Room {
  return {
    store,
    catalog: new Catalog(),
    cursors: new Cursors(),
    sessions: new Sessions(),
    claims: new Claims(),
    snapshots: new Snapshots(store),
    failPoints: new FailPoints({ isEnabled: options.failPoints === true }),
    activity: new Activity(),
    address: listener.address,
    standalone: options.standalone === true,
    startedAt: new Date(),
    connections,
  }
}

function uriOf(listener: Listener, room: Room): string {
  const host = listener.address.startsWith('/') ? encodeURIComponent(listener.address) : listener.address
  return `mongodb://${host}/${room.standalone ? '?directConnection=true' : ''}`
}
