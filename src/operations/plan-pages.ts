// The documents of a plan, page by page: a short hash of each, by which a batch knows those that are as they were.
import { hash } from 'node:crypto'
import { Binary, type Collection, type Document } from 'mongodb'
import { connectionOf } from '../runtime/connection.ts'
import { batchFilter } from './bulk-batch.ts'
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
  /** Tells whether a document, as stored now, is one of them and unchanged. */
  has(bytes: Uint8Array): boolean
}

/** A page of a plan as it is stored. */
export interface PlanPage {
  readonly _id: string
  readonly plan: string
  readonly count: number
  /** The filter that finds its documents, and maybe others. */
  readonly range: Binary
  readonly hashes: Binary
  readonly expiresAt: Date
}

/** Hashes a document, or those of its fields that were read. */
export function hashOfDocument(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer').subarray(0, LENGTH)
}

/** Makes a page of documents in the order of `_id`. */
export function pageOf(plan: string, number: number, stored: readonly Uint8Array[], expiresAt: Date): PlanPage {
  const hashes = new Binary(Buffer.concat(stored.map(hashOfDocument)))
  return {
    _id: pageName(plan, number),
    plan,
    count: stored.length,
    range: packed(batchFilter(stored)),
    hashes,
    expiresAt,
  }
}

/** Gives the batch of a plan with a number from 1, or undefined behind the last. */
export async function asPlanned(alias: string, plan: string, number: number): Promise<PlannedBatch | undefined> {
  const page = await (await pagesOf(alias)).findOne({ _id: pageName(plan, number) })
  return page ? plannedBatch(page) : undefined
}

/** Reads a page as a batch. */
export function plannedBatch({ count, range, hashes }: PlanPage): PlannedBatch {
  const bytes = Buffer.from(hashes.buffer)
  const known = new Set<string>()
  for (let at = 0; at < bytes.length; at += LENGTH) known.add(bytes.toString('latin1', at, at + LENGTH))
  const filter = unpacked(range)
  return {
    count,
    range: filter,
    first: filter._id.$gte ?? null,
    last: filter._id.$lte ?? null,
    has: document => known.has(hashOfDocument(document).toString('latin1')),
  }
}

/** Gives the collection of the pages, which is that of the plans. */
export async function pagesOf(alias: string): Promise<Collection<PlanPage>> {
  return (await connectionOf(alias)).db.collection<PlanPage>(PLANS)
}

function pageName(plan: string, number: number): string {
  return `${plan}/${String(number).padStart(8, '0')}`
}
