// Audit: an entry for each change, written with the change or not at all, chained by hash.
import { createHash, randomUUID } from 'node:crypto'
import { BSON, type Collection, type Document, ObjectId } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { settingsOf } from '../models/settings.ts'
import { changesBetween } from './changes.ts'
import type { Stored } from './codec.ts'
import { connectionOf, hasTransactions } from './connection.ts'
import { currentActor, currentTransaction, operationId } from './context.ts'
import { maskerOf } from './mask.ts'
import { transaction } from './transaction.ts'

/** The collection of all entries. */
export const AUDIT_COLLECTION = '_audit_log'

/** A change before it is written: what an entry is made of. */
export interface Recording {
  readonly operation: AuditEntry['operation']
  readonly documentId: unknown
  readonly before: Stored
  readonly after: Stored
}

/** Runs a write and records it, when its model is audited: in one transaction where there are some, else journal first. */
export async function recorded<T>(
  definition: ModelDefinition,
  recordings: readonly Recording[],
  write: () => Promise<T>,
): Promise<T> {
  if (!settingsOf(definition).audit) return write()
  return recordedLater(definition, async () => ({ result: await write(), recordings }), { recordings })
}

/** What is known of a change before it is written: all of it, or only which documents it may touch. */
export type Foreknown = { readonly recordings: readonly Recording[] } | { readonly ids: readonly unknown[] }

/** As recorded, for writes that may know their changes only afterwards. */
export async function recordedLater<T>(
  definition: ModelDefinition,
  write: () => Promise<{ readonly result: T; readonly recordings: readonly Recording[] }>,
  known: Foreknown,
): Promise<T> {
  if (!settingsOf(definition).audit) return (await write()).result
  const alias = definition.connection
  const inside = async () => {
    const { result, recordings } = await write()
    enqueue(
      alias,
      recordings.map(recording => entryOf(definition, recording)),
    )
    return result
  }
  if (currentTransaction()) return inside()
  if (await hasTransactions(alias)) return transaction(inside, { connection: alias })
  return journalFirst(definition, write, known)
}

interface Chain {
  readonly id: string
  seq: number
  hash: string
  turn: Promise<unknown>
}

type Draft = Omit<AuditEntry, 'chain' | 'seq' | 'hash'>

const chains = new Map<string, Chain>()
const queues = new WeakMap<object, Draft[]>()

function chainOf(alias: string): Chain {
  const there = chains.get(alias)
  if (there) return there
  const chain: Chain = { id: randomUUID(), seq: 0, hash: '', turn: Promise.resolve() }
  chains.set(alias, chain)
  return chain
}

function entryOf(definition: ModelDefinition, recording: Recording): Draft {
  const { userId, ipAddress, requestId, reason, via } = currentActor()
  const names = new Set([...Object.keys(recording.before), ...Object.keys(recording.after)])
  names.delete('_id')
  const mask = maskerOf(definition)
  const { paths } = changesBetween(recording.before, recording.after, names)
  const changes = [...paths].map(([path, { from, to }]) => [
    path,
    { ...(from === undefined ? {} : { from: mask(path, from) }), ...(to === undefined ? {} : { to: mask(path, to) }) },
  ])
  return {
    _id: new ObjectId(),
    at: new Date(),
    op: operationId(),
    operation: recording.operation,
    model: definition.name,
    collection: definition.collection,
    documentId: recording.documentId,
    changes: Object.fromEntries(changes),
    by: {
      ...(userId === undefined ? {} : { userId }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(requestId === undefined ? {} : { requestId }),
    },
    ...(reason === undefined ? {} : { reason }),
    via: via ?? 'app',
  }
}

// Entries get their places in the chain when the transaction commits: one that is aborted leaves no gap.
function enqueue(alias: string, drafts: readonly Draft[]): void {
  const open = currentTransaction()!
  const queue = queues.get(open)
  if (queue) {
    queue.push(...drafts)
    return
  }
  const mine = [...drafts]
  queues.set(open, mine)
  let release: ((committed: boolean) => void) | undefined
  open.beforeCommit.push(async () => {
    const chain = chainOf(alias)
    const head = { seq: chain.seq, hash: chain.hash }
    const free = await lock(chain)
    Object.assign(head, { seq: chain.seq, hash: chain.hash })
    release = committed => {
      if (!committed) Object.assign(chain, head)
      free()
    }
    await (await logOf(alias)).insertMany(chained(chain, mine) as Document[], { session: open.session })
  })
  open.afterEnd.push(committed => release?.(committed))
}

// Without transactions the intention is stored before the change: a crash leaves an entry too many, never one too few.
async function journalFirst<T>(
  definition: ModelDefinition,
  write: () => Promise<{ readonly result: T; readonly recordings: readonly Recording[] }>,
  known: Foreknown,
): Promise<T> {
  const alias = definition.connection
  const isWhole = 'recordings' in known
  const first = isWhole
    ? known.recordings
    : known.ids.map(documentId => ({ operation: 'intended' as const, documentId, before: {}, after: {} }))
  await append(
    alias,
    first.map(recording => entryOf(definition, recording)),
  )
  try {
    const { result, recordings } = await write()
    if (!isWhole)
      await append(
        alias,
        recordings.map(recording => entryOf(definition, recording)),
      )
    return result
  } catch (error) {
    const failed = first.map(({ documentId }) => ({ operation: 'failed' as const, documentId, before: {}, after: {} }))
    await append(
      alias,
      failed.map(recording => entryOf(definition, recording)),
    )
    throw error
  }
}

async function append(alias: string, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return
  const chain = chainOf(alias)
  const free = await lock(chain)
  const head = { seq: chain.seq, hash: chain.hash }
  try {
    await (await logOf(alias)).insertMany(chained(chain, drafts) as Document[])
  } catch (error) {
    Object.assign(chain, head)
    throw error
  } finally {
    free()
  }
}

async function lock(chain: Chain): Promise<() => void> {
  let free = () => {}
  const before = chain.turn
  chain.turn = new Promise<void>(resolve => {
    free = resolve
  })
  await before
  return free
}

function chained(chain: Chain, drafts: readonly Draft[]): AuditEntry[] {
  return drafts.map(draft => {
    chain.seq += 1
    const entry = { ...draft, chain: chain.id, seq: chain.seq }
    chain.hash = hashOf(entry, chain.hash)
    return { ...entry, hash: chain.hash }
  })
}

/** Gives the hash of an entry in its chain: of what is stored of it, without the hash itself. */
export function hashOf(entry: object, previous: string): string {
  const { hash: _, ...rest } = entry as { readonly hash?: string }
  const stored = BSON.deserialize(BSON.serialize(rest, { ignoreUndefined: true }))
  return createHash('sha256')
    .update(previous)
    .update(BSON.EJSON.stringify(stored, { relaxed: false }))
    .digest('hex')
}

async function logOf(alias: string): Promise<Collection<Document>> {
  return (await connectionOf(alias)).db.collection(AUDIT_COLLECTION)
}
