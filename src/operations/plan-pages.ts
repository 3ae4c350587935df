// The documents of a plan, page by page: a short hash of each, by which a batch knows those that are as they were.
import { hash } from 'node:crypto'
import { Binary, type Collection, type Document } from 'mongodb'
import { connectionOf } from '../runtime/connection.ts'
import { unheard } from './ahead.ts'
import { batchFilter } from './bulk-batch.ts'
import { joined } from './raw-fields.ts'
import { packed, unpacked } from './run-document.ts'

/** The collection of plans and their pages. */
export const PLANS = '_goose_plans'

const LENGTH = 12

/** The documents that a batch was planned to change. */
export interface PlannedBatch {
  readonly count: number
  readonly range: Document
  readonly first: unknown
  readonly last: unknown
  /** Gives those of the documents, as stored now, that are not of them, or were changed. */
  othersIn(stored: readonly Uint8Array[]): readonly Uint8Array[]
}

/** A page of a plan as it is stored. */
export interface PlanPage {
  readonly _id: string
  readonly plan: string
  readonly count: number
  /** The filter that finds its documents, and maybe others. */
  readonly range: Binary
  /** Of all its documents: most pages are found as they were, by one look. */
  readonly digest: Binary
  readonly hashes: Binary
  readonly expiresAt: Date
}

// As a text of bytes, which is made far sooner than a buffer.
function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary').slice(0, LENGTH)
}

function digestOf(stored: readonly Uint8Array[]): Buffer {
  return hash('sha256', joined(stored), 'buffer')
}

/** Makes a page of documents in the order of `_id`. */
export function pageOf(plan: string, number: number, stored: readonly Uint8Array[], expiresAt: Date): PlanPage {
  const hashes = new Binary(Buffer.from(stored.map(hashOf).join(''), 'latin1'))
  return {
    _id: pageName(plan, number),
    plan,
    count: stored.length,
    range: packed(batchFilter(stored)),
    digest: new Binary(digestOf(stored)),
    hashes,
    expiresAt,
  }
}

/** Gives the batches of a plan by their numbers from 1, undefined behind the last; the next one is asked for ahead. */
export function plannedBatches(alias: string, plan: string): (number: number) => Promise<PlannedBatch | undefined> {
  let ahead: { readonly number: number; readonly page: Promise<PlanPage | null> } | undefined
  const ask = async (number: number) => (await pagesOf(alias)).findOne({ _id: pageName(plan, number) })
  return async number => {
    const page = await (ahead?.number === number ? ahead.page : ask(number))
    ahead = { number: number + 1, page: unheard(ask(number + 1)) }
    return page ? plannedBatch(page) : undefined
  }
}

/** Reads a page as a batch. */
export function plannedBatch({ count, range, digest, hashes }: PlanPage): PlannedBatch {
  const filter = unpacked(range)
  return {
    count,
    range: filter,
    first: filter._id.$gte ?? null,
    last: filter._id.$lte ?? null,
    othersIn: stored => {
      if (stored.length === count && digestOf(stored).equals(digest.buffer)) return []
      const known = knownIn(hashes)
      return stored.filter(document => !known.has(hashOf(document)))
    },
  }
}

function knownIn(hashes: Binary): ReadonlySet<string> {
  const bytes = Buffer.from(hashes.buffer)
  const known = new Set<string>()
  for (let at = 0; at < bytes.length; at += LENGTH) known.add(bytes.toString('latin1', at, at + LENGTH))
  return known
}

/** Gives the collection of the pages, which is that of the plans. */
export async function pagesOf(alias: string): Promise<Collection<PlanPage>> {
  return (await connectionOf(alias)).db.collection<PlanPage>(PLANS)
}

function pageName(plan: string, number: number): string {
  return `${plan}/${String(number).padStart(8, '0')}`
}
