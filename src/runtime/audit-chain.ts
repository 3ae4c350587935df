// The chain of a writer: each entry hashes itself and all before it; the newest place is noted apart.
import { createHash, randomUUID } from 'node:crypto'
import { BSON, type ClientSession, type Db, type Document } from 'mongodb'
import type { AuditEntry } from '../models/plugins/audit.ts'
import type { Draft } from './audit-entry.ts'
import { AUDIT_COLLECTION, CHAIN_COLLECTION } from './audit-log.ts'
import { connectionOf } from './connection.ts'
import type { OpenTransaction } from './context.ts'

/** Adds entries to the chain when the transaction commits: one that is aborted leaves no gap. */
export function enqueue(alias: string, open: OpenTransaction, drafts: readonly Draft[]): void {
  if (drafts.length === 0) return
  const queue = queues.get(open)
  if (queue) {
    queue.push(...drafts)
    return
  }
  const mine = [...drafts]
  queues.set(open, mine)
  let release: ((end: 'committed' | 'aborted' | 'unknown') => void) | undefined
  open.beforeCommit.push(async () => {
    const { db } = await connectionOf(alias)
    const { chain, free } = await lockedChain(db)
    const head = { seq: chain.seq, hash: chain.hash }
    release = end => {
      if (end === 'aborted') Object.assign(chain, head)
      // Nobody knows whether the entries are stored: what comes next begins a chain of its own.
      if (end === 'unknown') chains.delete(db)
      free()
    }
    const { session } = open
    await db.collection(AUDIT_COLLECTION).insertMany(chained(chain, mine), { session })
    await noteHead(db, chain, { session })
  })
  open.afterEnd.push(end => release?.(end))
}

/** Adds entries to the chain at once, where there are no transactions. */
export async function append(alias: string, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return
  const { db } = await connectionOf(alias)
  const { chain, free } = await lockedChain(db)
  try {
    const head = { seq: chain.seq, hash: chain.hash }
    const entries = chained(chain, drafts)
    // Said before: a crash after the entries must not look like entries that somebody added.
    await noteHead(db, { ...chain, ...head }, { next: chain.seq })
    await db.collection(AUDIT_COLLECTION).insertMany(entries)
    await noteHead(db, chain, {})
  } catch (error) {
    chains.delete(db)
    throw error
  } finally {
    free()
  }
}

/** Gives the hash of an entry in its chain: of its stored bytes, without the hash itself. */
export function hashOf(entry: object, previous: string): string {
  const { hash: _, ...rest } = entry as { readonly hash?: string }
  return hashOfBytes(BSON.serialize(rest, { ignoreUndefined: true }), previous)
}

/** Gives the hash of the stored bytes of an entry that has none yet. */
export function hashOfBytes(bytes: Uint8Array, previous: string): string {
  return createHash('sha256').update(previous).update(bytes).digest('hex')
}

/** The newest place of a chain as it is stored; between it and `next`, entries may be there or not. */
export interface ChainHead {
  readonly _id: string
  readonly seq: number
  readonly hash: string
  readonly next?: number
}

interface Chain {
  readonly id: string
  seq: number
  hash: string
  turn: Promise<unknown>
}

const chains = new WeakMap<Db, Chain>()
const queues = new WeakMap<OpenTransaction, Draft[]>()

function chainOf(db: Db): Chain {
  const there = chains.get(db)
  if (there) return there
  const chain: Chain = { id: randomUUID(), seq: 0, hash: '', turn: Promise.resolve() }
  chains.set(db, chain)
  return chain
}

async function lockedChain(db: Db): Promise<{ readonly chain: Chain; readonly free: () => void }> {
  for (;;) {
    const chain = chainOf(db)
    const free = await lock(chain)
    if (chainOf(db) === chain) return { chain, free }
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

function chained(chain: Chain, drafts: readonly Draft[]): Document[] {
  return drafts.map(draft => {
    chain.seq += 1
    const entry: Omit<AuditEntry, 'hash'> = { ...draft, chain: chain.id, seq: chain.seq }
    chain.hash = hashOf(entry, chain.hash)
    return { ...entry, hash: chain.hash }
  })
}

async function noteHead(
  db: Db,
  { id, seq, hash }: Chain,
  { session, next }: { readonly session?: ClientSession; readonly next?: number },
): Promise<void> {
  const head: ChainHead = { _id: id, seq, hash, ...(next === undefined ? {} : { next }) }
  const { _id, ...rest } = head
  const options = { upsert: true, ...(session ? { session } : {}) }
  await db.collection<ChainHead>(CHAIN_COLLECTION).replaceOne({ _id }, rest, options)
}
