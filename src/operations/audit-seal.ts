// Seals the audit: one root for the newest places of all chains, to be kept where nobody can reach both.
import { createHash } from 'node:crypto'
import { type Db, type Document, MongoServerError } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { ChainHead } from '../runtime/audit-chain.ts'
import { AUDIT_COLLECTION, CHAIN_COLLECTION } from '../runtime/audit-log.ts'

/** The collection of the seals. */
const SEAL_COLLECTION = '_goose_seals'

/** A part of a chain under a seal: its hash at `to` stands for everything up to there. */
export interface SealedChain {
  readonly chain: string
  readonly from: number
  readonly to: number
  readonly hash: string
}

/** A seal: what was added since the one before it, and the Merkle root of all that. */
export interface Seal {
  readonly _id: number
  readonly at: Date
  readonly entries: number
  readonly chains: readonly SealedChain[]
  readonly previous: string
  readonly root: string
}

/** A seal that does not hold. */
export interface SealFault {
  readonly seal: number | undefined
  readonly chain: string | undefined
  readonly seq: number | undefined
  readonly detail: string
}

// A document holds 16 MB, and a chain takes about 150 bytes of it.
const MOST_CHAINS = 20_000

/** Seals what was added since the last seal; gives nothing when there is nothing new. Throws where a chain is broken. */
export async function sealAudit(db: Db, most = MOST_CHAINS): Promise<readonly Seal[]> {
  const seals: Seal[] = []
  for (;;) {
    const last = await lastSeal(db)
    const chains = await unsealed(db, most)
    if (chains.length === 0) return seals
    await refuseBroken(db, chains)
    const entries = chains.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    const body = { _id: (last?._id ?? 0) + 1, at: new Date(), entries, chains, previous: last?.root ?? '' }
    const seal: Seal = { ...body, root: rootOf(body) }
    if (await isStored(db, seal)) seals.push(seal)
  }
}

/** Verifies all seals: each by its root, by the one before it, and against the log. */
export async function verifySeals(
  db: Db,
  onFault: (fault: SealFault) => void,
  kept: Partial<Seal> = {},
): Promise<{ readonly seals: number; readonly last: Seal | undefined }> {
  let last: Seal | undefined
  let [seals, isKeptThere] = [0, kept.root === undefined]
  for await (const seal of sealsOf(db).find().sort({ _id: 1 })) {
    seals++
    if (seal._id !== (last?._id ?? 0) + 1) onFault({ ...ofSeal(seal), detail: `the seals before it are gone` })
    else if (seal.previous !== (last?.root ?? ''))
      onFault({ ...ofSeal(seal), detail: 'it does not follow the one before' })
    await verifySeal(db, seal, onFault)
    if (seal.root === kept.root) isKeptThere = true
    last = seal
  }
  if (!isKeptThere)
    onFault({
      seal: kept._id,
      chain: undefined,
      seq: undefined,
      detail: `the root that was kept, ${kept.root}, is no seal's`,
    })
  if (kept.chains) await verifySeal(db, kept as Seal, onFault)
  return { seals, last }
}

/** Computes the Merkle root of a seal: over itself, the root before it, and every chain under it. */
export function rootOf(seal: Omit<Seal, 'root'>): string {
  const about = `${seal._id}\n${seal.at.toISOString()}\n${seal.entries}\n${seal.previous}`
  const parts = seal.chains.map(({ chain, from, to, hash }) => `${chain}\n${from}\n${to}\n${hash}`)
  let level = [about, ...parts].map(text => digest(Buffer.of(0), Buffer.from(text)))
  while (level.length > 1) level = pairs(level)
  return level[0]!.toString('hex')
}

function pairs(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = []
  for (let i = 0; i < level.length; i += 2) {
    const [left, right] = [level[i]!, level[i + 1]]
    above.push(right ? digest(Buffer.of(1), left, right) : left)
  }
  return above
}

// Leaves and nodes begin with different bytes, so that none can be passed off as the other.
function digest(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function sealsOf(db: Db) {
  return db.collection<Seal>(SEAL_COLLECTION)
}

async function lastSeal(db: Db): Promise<Seal | undefined> {
  return (await sealsOf(db).findOne({}, { sort: { _id: -1 } })) ?? undefined
}

// Another process may have sealed at the same time: then there is nothing left to seal, or a little.
async function isStored(db: Db, seal: Seal): Promise<boolean> {
  try {
    await sealsOf(db).insertOne(seal)
    return true
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 11000) return false
    throw error
  }
}

async function unsealed(db: Db, most: number): Promise<readonly SealedChain[]> {
  const sealed = sealedPlaces(db)
  const chains: SealedChain[] = []
  for await (const { _id, seq, hash } of db.collection<ChainHead>(CHAIN_COLLECTION).find().sort({ _id: 1 })) {
    const from = (await sealed(_id)) + 1
    if (seq >= from) chains.push({ chain: _id, from, to: seq, hash })
    if (chains.length === most) break
  }
  return chains
}

// Both lists come in the order of the chains, so neither is held as a whole.
function sealedPlaces(db: Db): (chain: string) => Promise<number> {
  const stages = [
    { $unwind: '$chains' },
    { $group: { _id: '$chains.chain', to: { $max: '$chains.to' } } },
    { $sort: { _id: 1 } },
  ]
  const cursor = sealsOf(db).aggregate<{ _id: string; to: number }>(stages, { allowDiskUse: true })
  let next: Promise<{ _id: string; to: number } | null> | undefined
  return async chain => {
    for (;;) {
      next ??= cursor.next()
      const place = await next
      if (!place || Buffer.compare(Buffer.from(place._id), Buffer.from(chain)) > 0) return 0
      next = undefined
      if (place._id === chain) return place.to
    }
  }
}

async function refuseBroken(db: Db, chains: readonly SealedChain[]): Promise<void> {
  for await (const { chain, to } of brokenOf(db, chains))
    throw new GooseError('AUDIT_BROKEN', { reason: `chain ${chain} is not as its writer noted it at ${to}` })
}

async function verifySeal(db: Db, seal: Seal, onFault: (fault: SealFault) => void): Promise<void> {
  if (rootOf(seal) !== seal.root) onFault({ ...ofSeal(seal), detail: 'its root is not that of what it holds' })
  for await (const { chain, to, found } of brokenOf(db, seal.chains)) {
    const detail = found ? 'what it sealed is not what is stored now' : 'what it sealed is gone'
    onFault({ seal: seal._id, chain, seq: to, detail })
  }
}

async function* brokenOf(
  db: Db,
  chains: readonly SealedChain[],
): AsyncGenerator<SealedChain & { readonly found: boolean }> {
  const log = db.collection<Document>(AUDIT_COLLECTION)
  for (let from = 0; from < chains.length; from += 200) {
    const some = chains.slice(from, from + 200)
    const places = some.map(({ chain, to }) => ({ chain, seq: to }))
    const found = await log.find({ $or: places }, { projection: { _id: 0, chain: 1, hash: 1 } }).toArray()
    const hashes = new Map(found.map(({ chain, hash }) => [chain, hash]))
    for (const sealed of some)
      if (hashes.get(sealed.chain) !== sealed.hash) yield { ...sealed, found: hashes.has(sealed.chain) }
  }
}

function ofSeal({ _id }: Seal): Omit<SealFault, 'detail'> {
  return { seal: _id, chain: undefined, seq: undefined }
}
