// Creates the clients, databases, collections and sessions of a unified test and records their events.
import {
  BSON,
  type ClientSession,
  type Collection,
  type CommandFailedEvent,
  type CommandStartedEvent,
  type CommandSucceededEvent,
  type Db,
  type Document,
  MongoClient,
  ReadPreference,
} from 'mongodb'
import type { KnownEntities } from './matching.ts'

export interface RecordedEvent {
  readonly name: string
  readonly type: 'command' | 'cmap'
  readonly fields: Document
}

type Entity = MongoClient | Db | Collection | ClientSession

/** Commands that take no part in the events a test expects. */
const HIDDEN = new Set(['configureFailPoint', 'killAllSessions'])

export class Entities implements KnownEntities {
  readonly #uri: string
  readonly #all = new Map<string, Entity>()
  readonly #events = new Map<string, RecordedEvent[]>()
  readonly #sessionIds = new Map<string, unknown>()

  constructor(uri: string) {
    this.#uri = uri
  }

  async create(descriptions: readonly Document[]): Promise<void> {
    for (const description of descriptions) {
      const [kind, options] = Object.entries(description)[0]!
      this.#all.set(options.id, await this.#created(kind, options))
    }
  }

  entity(id: string): Entity {
    const found = this.#all.get(id)
    if (found === undefined) throw new TypeError(`the test names an unknown entity ${id}`)
    return found
  }

  client = (id: string): MongoClient => this.entity(id) as MongoClient
  session = (id: string): ClientSession => this.entity(id) as ClientSession

  sessionId(id: string): unknown {
    return this.#sessionIds.get(id)
  }

  eventsOf(client: string): readonly RecordedEvent[] {
    return this.#events.get(client) ?? []
  }

  /** Ends sessions, which aborts their transactions, and closes clients. */
  async close(): Promise<void> {
    for (const entity of this.#all.values()) if (isSession(entity)) await entity.endSession()
    for (const entity of this.#all.values()) if (entity instanceof MongoClient) await entity.close()
  }

  async #created(kind: string, options: Document): Promise<Entity> {
    switch (kind) {
      case 'client':
        return this.#openClient(options)
      case 'database':
        return this.client(options.client).db(options.databaseName, driverOptions(options.databaseOptions))
      case 'collection':
        return (this.entity(options.database) as Db).collection(
          options.collectionName,
          driverOptions(options.collectionOptions),
        )
      case 'session':
        return this.#startSession(options)
      default:
        throw new TypeError(`the runner does not know entities of the kind ${kind}`)
    }
  }

  async #openClient(options: Document): Promise<MongoClient> {
    const client = new MongoClient(this.#uri, { ...options.uriOptions, monitorCommands: true })
    const events: RecordedEvent[] = []
    this.#events.set(options.id, events)
    const ignored = new Set<string>([...HIDDEN, ...(options.ignoreCommandMonitoringEvents ?? [])])
    for (const name of options.observeEvents ?? []) listen(client, name, { events, ignored })
    return client.connect()
  }

  #startSession(options: Document): ClientSession {
    const { defaultTransactionOptions, ...others } = options.sessionOptions ?? {}
    const defaults = defaultTransactionOptions && {
      defaultTransactionOptions: driverOptions(defaultTransactionOptions),
    }
    const session = this.client(options.client).startSession({ ...others, ...defaults })
    this.#sessionIds.set(options.id, session.id)
    return session
  }
}

interface Recorder {
  readonly events: RecordedEvent[]
  readonly ignored: ReadonlySet<string>
}

type CommandEvent = CommandStartedEvent | CommandSucceededEvent | CommandFailedEvent

function listen(client: MongoClient, name: string, { events, ignored }: Recorder): void {
  const event = name.replace(/Event$/, '')
  if (event.startsWith('command')) {
    client.on(event as 'commandStarted', (found: CommandEvent) => {
      if (!ignored.has(found.commandName)) events.push({ name, type: 'command', fields: copyOf(found) })
    })
  } else client.on(event as 'connectionCheckOutStarted', found => events.push({ name, type: 'cmap', fields: found }))
}

/** The driver goes on to use, and change, the parts of a command it has announced. */
function copyOf(event: CommandEvent): Document {
  const { commandName } = event
  const copied = (value: unknown) => BSON.deserialize(BSON.serialize(value as Document, { ignoreUndefined: true }))
  if ('command' in event) return { commandName, databaseName: event.databaseName, command: copied(event.command) }
  return 'reply' in event
    ? { commandName, databaseName: event.databaseName, reply: copied(event.reply ?? {}) }
    : { commandName }
}

function isSession(entity: Entity): entity is ClientSession {
  return 'endSession' in entity
}

/** Gives options as the driver takes them: read preferences as objects. */
export function driverOptions(options: Document | undefined): Document {
  const { readPreference, ...others } = options ?? {}
  if (readPreference === undefined) return others
  const { mode, tagSets, maxStalenessSeconds } = readPreference
  return {
    ...others,
    readPreference: new ReadPreference(mode, tagSets, maxStalenessSeconds && { maxStalenessSeconds }),
  }
}
