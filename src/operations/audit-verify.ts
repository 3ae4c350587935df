// Verifies the audit: that no entry of any chain was changed, removed or added, and no chain cut short.
import { createHash, type Hash } from 'node:crypto'
import type { Collection, Db, Document } from 'mongodb'
import type { ChainHead } from '../runtime/audit-chain.ts'
import { AUDIT_COLLECTION, CHAIN_COLLECTION } from '../runtime/audit-log.ts'
import { expectedHash, type Link, linksOf } from './audit-links.ts'

/** Something wrong with the log; `open` is no forgery but a change of which nobody knows whether it happened. */
export interface AuditFault {
  readonly fault: 'changed' | 'removed' | 'inserted' | 'cut' | 'open'
  readonly chain: string
  readonly seq: number | undefined
  readonly entry: unknown
  readonly detail: string
}

/** How far a verification has come. */
export interface VerifyCount {
  entries: number
  chains: number
  batches: number
}

/** Verifies every chain of a database; tells of each fault as it is found. Memory stays flat. */
export async function verifyChains(
  db: Db,
  onFault: (fault: AuditFault) => void,
  onEntry: (count: VerifyCount) => void = () => {},
): Promise<VerifyCount> {
  const state: State = {
    log: db.collection(AUDIT_COLLECTION),
    heads: headsOf(db),
    count: { entries: 0, chains: 0, batches: 0 },
    onFault,
  }
  let walk: Walk | undefined
  for await (const link of linksOf(state.log)) {
    state.count.entries += link.entries
    onEntry(state.count)
    if (typeof link.chain !== 'string' || !Number.isInteger(link.seq)) {
      report(state, link, { fault: 'inserted', detail: 'it has no place in any chain' })
      continue
    }
    if (walk?.chain !== link.chain) {
      if (walk) await walk.end()
      walk = await walkOf(state, link, link.chain)
    }
    walk.add(link)
  }
  if (walk) await walk.end()
  await state.heads.upTo(undefined, head => reportLost(state, head))
  return state.count
}

interface State {
  readonly log: Collection<Document>
  readonly heads: Heads
  readonly count: VerifyCount
  readonly onFault: (fault: AuditFault) => void
}

/** One chain on its way. */
interface Walk {
  readonly chain: string
  add(link: Link): void
  end(): Promise<void>
}

async function walkOf(state: State, first: Link, chain: string): Promise<Walk> {
  const head = await state.heads.upTo(chain, lost => reportLost(state, lost))
  if (!head && first.hash === undefined) return batchWalk(state, chain)
  state.count.chains++
  return writerWalk(state, chain, head)
}

function writerWalk(state: State, chain: string, head: ChainHead | undefined): Walk {
  const last = { seq: 0, hash: '' }
  const intentions = new Map<string, Link>()
  const carriers: Link[] = []
  let atHead: string | undefined
  const add = (link: Link) => {
    const expected = link.seq === last.seq + 1 ? expectedHash(link, last.hash) : undefined
    if (link.seq > last.seq + 1) report(state, link, gap(last.seq + 1, link.seq - 1))
    else if (link.seq <= last.seq)
      report(state, link, { fault: 'inserted', detail: `place ${link.seq} is taken twice` })
    else if (link.hash !== expected)
      report(state, link, { fault: 'changed', detail: 'its hash is not that of what is stored' })
    if (link.operation === 'intended') intentions.set(String(link.id), link)
    if (link.confirms !== undefined) intentions.delete(String(link.confirms))
    if (link.operation === 'batch' && Number(link.batch?.count) > 0) carriers.push(link)
    if (link.seq === head?.seq) atHead = link.hash
    last.seq = Math.max(last.seq, link.seq)
    last.hash = link.hash ?? ''
  }
  const end = async () => {
    // Entries may have been added since the log was read.
    if (head && last.seq < head.seq)
      for await (const link of linksOf(state.log, { chain, seq: { $gt: last.seq, $lte: head.seq } })) add(link)
    const newest = head && last.seq > (head.next ?? head.seq) ? ((await state.heads.again(chain)) ?? head) : head
    reportTail(state, { chain, last: last.seq, head: newest, atHead: newest === head ? atHead : undefined })
    await reportOpen(state, intentions)
    await reportEmptied(state, carriers)
  }
  return { chain, add, end }
}

// Entries written by a batch: one entry in the chain of their writer carries the digest of all.
function batchWalk(state: State, chain: string): Walk {
  const hash: Hash = createHash('sha256')
  let [count, last] = [0, 0]
  let first: Link | undefined
  const add = (link: Link) => {
    first ??= link
    if (link.seq > last + 1) report(state, link, gap(last + 1, link.seq - 1))
    last = link.seq
    count++
    hash.update(link.bytes)
  }
  const end = async () => {
    state.count.batches++
    const carrier = await state.log.findOne({ _id: chain as never })
    if (!carrier) return report(state, first!, { fault: 'open', detail: 'its batch has no digest' })
    const { count: expected, digest } = carrier.batch as Document
    if (count === expected && digest === hash.digest('hex')) return
    if (count < expected) return report(state, first!, { fault: 'removed', detail: `${expected - count} of its batch` })
    if (count > expected)
      return report(state, first!, { fault: 'inserted', detail: `${count - expected} in its batch` })
    report(state, first!, { fault: 'changed', detail: 'its batch has another digest' })
  }
  return { chain, add, end }
}

interface Tail {
  readonly chain: string
  readonly last: number
  readonly head: ChainHead | undefined
  readonly atHead: string | undefined
}

function reportTail(state: State, tail: Tail): void {
  const found = tailFault(tail)
  if (found) state.onFault({ chain: tail.chain, entry: undefined, ...found })
}

function tailFault({ last, head, atHead }: Tail): Pick<AuditFault, 'fault' | 'seq' | 'detail'> | undefined {
  if (!head)
    return { fault: 'removed', seq: last, detail: `the newest place of this chain is not noted in ${CHAIN_COLLECTION}` }
  if (last < head.seq) return { fault: 'cut', seq: last + 1, detail: `it ends at ${last}, and had ${head.seq} entries` }
  if (last > (head.next ?? head.seq))
    return { fault: 'inserted', seq: head.seq + 1, detail: `its writer has added ${head.seq} entries` }
  if (atHead === undefined || atHead === head.hash) return undefined
  return { fault: 'changed', seq: head.seq, detail: 'all its hashes were made anew: the newest is not the noted one' }
}

function reportLost({ onFault }: State, { _id, seq }: ChainHead): void {
  if (seq > 0)
    onFault({ fault: 'cut', chain: _id, seq: 1, entry: undefined, detail: `all its ${seq} entries are gone` })
}

/** A writer confirms in its own chain; what it left open, somebody else may have settled in another. */
async function reportOpen(state: State, intentions: ReadonlyMap<string, Link>): Promise<void> {
  const open = [...intentions.values()]
  for (let from = 0; from < open.length; from += 200) {
    const some = open.slice(from, from + 200)
    const asked = { op: { $in: some.map(({ op }) => op) }, confirms: { $in: some.map(({ id }) => id) } }
    const found = await state.log.find(asked, { projection: { _id: 0, confirms: 1 } }).toArray()
    const settled = new Set(found.map(({ confirms }) => String(confirms)))
    for (const link of some.filter(({ id }) => !settled.has(String(id))))
      report(state, link, { fault: 'open', detail: 'nobody has confirmed that this change happened' })
  }
}

async function reportEmptied(state: State, carriers: readonly Link[]): Promise<void> {
  for (let from = 0; from < carriers.length; from += 200) {
    const some = carriers.slice(from, from + 200)
    const chains = some.map(({ batch }) => batch!.chain as string)
    const found = await state.log
      .find({ chain: { $in: chains }, seq: 1 }, { projection: { _id: 0, chain: 1 } })
      .toArray()
    const there = new Set(found.map(({ chain }) => chain))
    for (const link of some.filter(({ batch }) => !there.has(batch!.chain)))
      report(state, link, { fault: 'removed', detail: `the ${link.batch!.count} entries of its batch, or the first` })
  }
}

function gap(from: number, to: number): Pick<AuditFault, 'fault' | 'detail'> {
  return { fault: 'removed', detail: from === to ? `entry ${from} before it` : `entries ${from} to ${to} before it` }
}

function report(state: State, { id, chain, seq }: Link, about: Pick<AuditFault, 'fault' | 'detail'>): void {
  state.onFault({ ...about, chain: String(chain), seq, entry: id })
}

/** The noted places of all chains, in the order of the chains. */
interface Heads {
  /** Passes over those before a chain, and gives its own. */
  upTo(chain: string | undefined, onPassed: (head: ChainHead) => void): Promise<ChainHead | undefined>
  again(chain: string): Promise<ChainHead | undefined>
}

function headsOf(db: Db): Heads {
  const collection = db.collection<ChainHead>(CHAIN_COLLECTION)
  const cursor = collection.find().sort({ _id: 1 })
  let next: Promise<ChainHead | null> | undefined
  return {
    upTo: async (chain, onPassed) => {
      for (;;) {
        next ??= cursor.next()
        const head = await next
        if (!head || (chain !== undefined && isBefore(chain, head._id))) return undefined
        next = undefined
        if (head._id === chain) return head
        onPassed(head)
      }
    },
    again: async chain => (await collection.findOne({ _id: chain })) ?? undefined,
  }
}

// As the database sorts: by bytes.
function isBefore(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0
}
