// Leases: only one process at a time holds a name, by the server's clock, and every taking has a higher number.
import type { Collection, Document } from 'mongodb'
import { JobLocked } from '../errors.ts'
import { connectionOf } from '../runtime/connection.ts'
import { type Holder, holderText, isGone, thisHolder } from './holder.ts'

/** The collection of leases, one document for each name. */
export const LOCKS = '_goose_locks'

/** What to do when somebody else holds the name; skipping is failing that is meant to be harmless. */
export type OnLocked = 'skip' | 'wait' | 'fail'

/** How a lease is taken. */
export interface LeaseOptions {
  readonly onLocked?: OnLocked
  /** The run that the lease is for. */
  readonly run?: string
  /** How long it lasts without being renewed, in milliseconds. */
  readonly lasts?: number
  /** Ends the waiting for it. */
  readonly signal?: AbortSignal | undefined
  /** Is told whom it waits for, once for each. */
  readonly onWait?: ((text: string) => void) | undefined
}

/** A name that is held: renewed by itself until it is released, or lost. */
export interface Lease {
  readonly name: string
  readonly holder: Holder
  /** Grows with every taking: what is written with an older number is refused. */
  readonly fence: number
  /** Aborted when somebody else has taken the name. */
  readonly signal: AbortSignal
  /** Renews it now, where it would run out soon. Throws `JobLocked` when it is lost. */
  renew(): Promise<void>
  release(): Promise<void>
}

/** A lease as it is stored. */
export interface StoredLease {
  readonly _id: string
  readonly holder: Holder | null
  readonly fence: number
  readonly run: string | null
  readonly since: Date
  readonly expiresAt: Date
}

const LASTS = 30_000
const LOOK_AGAIN = 500

/** Takes a lease on the database of a connection. Throws `JobLocked` when it is held and not waited for. */
export async function takeLease(alias: string, name: string, options: LeaseOptions = {}): Promise<Lease> {
  const holder = thisHolder()
  let told: string | undefined
  for (let gone: Holder | undefined; ; ) {
    const stored = await attempt(alias, { name, holder, gone }, options)
    if (stored.holder?.id === holder.id) return held(alias, stored, options.lasts ?? LASTS)
    const other = stored.holder
    const isNews = other !== null && other.id !== gone?.id && isGone(other)
    gone = isNews ? other : undefined
    if (isNews) continue
    if (options.onLocked !== 'wait' || options.signal?.aborted) throw lockedBy(stored)
    if (other && other.id !== told) options.onWait?.(`waiting: ${lockedBy(stored).message}`)
    told = other?.id
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN))
  }
}

/** Makes the error of a lease that somebody else holds. */
export function lockedBy(stored: Pick<StoredLease, '_id' | 'holder' | 'run'>): JobLocked {
  const { _id: job, holder, run } = stored
  const since = run ? ` (${run})` : ''
  return new JobLocked({ job, holder: holder ? `${holderText(holder)}${since}` : 'somebody else', run })
}

/** Gives the leases of a connection's database. */
export async function locksOf(alias: string): Promise<Collection<StoredLease>> {
  const { db } = await connectionOf(alias)
  return db.collection<StoredLease>(LOCKS, { writeConcern: { w: 'majority' } })
}

interface Wish {
  readonly name: string
  readonly holder: Holder
  /** A holder whose process has ended. */
  readonly gone: Holder | undefined
}

// An upsert refuses $expr in its filter, so the update itself decides who holds the name.
async function attempt(alias: string, wish: Wish, options: LeaseOptions): Promise<StoredLease> {
  const locks = await locksOf(alias)
  for (;;) {
    try {
      const found = await locks.findOneAndUpdate({ _id: wish.name }, taking(wish, options), {
        upsert: true,
        returnDocument: 'after',
      })
      if (found) return found
    } catch (error) {
      // Two that insert at once: the other was first, so the next attempt finds its document.
      if ((error as { code?: unknown }).code !== 11000) throw error
    }
  }
}

function taking({ holder, gone }: Wish, options: LeaseOptions): Document[] {
  const isFree = {
    $or: [
      { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, '$$NOW'] },
      { $in: ['$holder.id', [holder.id, ...(gone ? [gone.id] : [])]] },
    ],
  }
  const taken = {
    holder: { $literal: holder },
    run: { $literal: options.run ?? null },
    fence: { $add: [{ $ifNull: ['$fence', 0] }, 1] },
    since: '$$NOW',
    expiresAt: { $add: ['$$NOW', options.lasts ?? LASTS] },
  }
  const entries = Object.entries(taken).map(([key, value]) => [key, { $cond: ['$isFree', value, `$${key}`] }])
  return [{ $set: { isFree } }, { $set: Object.fromEntries(entries) }, { $unset: 'isFree' }]
}

function held(alias: string, stored: StoredLease, lasts: number): Lease {
  const controller = new AbortController()
  const mine = { _id: stored._id, fence: stored.fence }
  let renewed = performance.now()
  const renewNow = async () => {
    const locks = await locksOf(alias)
    const asked = performance.now()
    const { matchedCount } = await locks.updateOne(mine, [{ $set: { expiresAt: { $add: ['$$NOW', lasts] } } }])
    if (matchedCount === 1) renewed = asked
    else controller.abort(lockedBy((await locks.findOne({ _id: stored._id })) ?? { ...stored, holder: null }))
    controller.signal.throwIfAborted()
  }
  // A heartbeat that fails is tried again: what decides is whether the next write still has the highest number.
  const heart = setInterval(() => void renewNow().catch(() => undefined), lasts / 3)
  heart.unref()
  return {
    name: stored._id,
    holder: stored.holder!,
    fence: stored.fence,
    signal: controller.signal,
    renew: async () => {
      controller.signal.throwIfAborted()
      if (performance.now() - renewed > lasts / 2) await renewNow()
    },
    release: async () => {
      clearInterval(heart)
      const free = { $set: { holder: null, run: null, expiresAt: new Date(0) } }
      await (await locksOf(alias)).updateOne(mine, free)
    },
  }
}
