// Before-images of bulk changes: kept batch by batch, as bytes, for as long as they can be taken back.
import { Binary, BSON, type Collection, type Document } from 'mongodb'
import { connectionOf } from '../runtime/connection.ts'
import { currentTransaction } from '../runtime/context.ts'
import { joined, separated } from './raw-fields.ts'
import { packed, unpacked } from './run-document.ts'

/** The collection of before-images. */
export const UNDO = '_goose_undo'

/** How long a run can be taken back, in days. */
export const KEPT_DAYS = 30

/** What a batch has done to its documents; images are stored documents, or their touched fields with the `_id`. */
export interface Images {
  /** Batches are taken back in the order of these; a part of a batch has a fraction. */
  readonly seq: number
  /** The model of the documents, where the run does not say it for all. */
  readonly model?: string
  readonly action: 'change' | 'remove' | 'insert'
  /** As what the audit records it. */
  readonly operation: 'insert' | 'update' | 'delete' | 'restore'
  /** The top-level fields that the images hold; null for whole documents. */
  readonly touched: readonly string[] | null
  readonly before: readonly Uint8Array[]
  /** The documents as the batch left them; empty where `set` and `unset` say it for all. */
  readonly after: readonly Uint8Array[]
  readonly set?: Document | undefined
  readonly unset?: readonly string[] | undefined
  /** Whether the change itself is not yet known to have happened. */
  readonly isIntended?: boolean
}

interface StoredImages {
  readonly _id: string
  readonly run: string
  readonly seq: number
  readonly part: number
  readonly header: Binary | null
  readonly bytes: Binary
  readonly expiresAt: Date
}

// Well below what a document may hold, so that the images of documents of any size fit.
const PART = 8 * 1024 * 1024

/** Makes the collection ready: what is older than it may be taken back goes by itself. */
export async function prepareImages(alias: string): Promise<void> {
  await (await imagesOf(alias)).createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
}

/** Keeps the images of a batch, with the transaction that is open; what was kept of it before is replaced. */
export async function keepImages(alias: string, run: string, images: Images): Promise<void> {
  const { before, after, set, ...rest } = images
  const [first, second] = [joined(before), joined(after)]
  const header = packed({ ...rest, split: first.length, ...(set ? { set } : {}) })
  const bytes = Buffer.concat([first, second])
  const expiresAt = new Date(Date.now() + KEPT_DAYS * 86_400_000)
  const parts: StoredImages[] = []
  for (let at = 0, part = 0; part === 0 || at < bytes.length; at += PART, part++)
    parts.push({
      _id: `${nameOf(run, images.seq)}/${part}`,
      run,
      seq: images.seq,
      part,
      header: part === 0 ? header : null,
      bytes: new Binary(bytes.subarray(at, at + PART)),
      expiresAt,
    })
  const session = sessionNow()
  const kept = await imagesOf(alias)
  // One message holds at most 48 MB, so each part is sent by itself.
  for (const part of parts) {
    if (session.session) await kept.insertOne(part, session)
    else await kept.replaceOne({ _id: part._id }, part, { upsert: true })
  }
}

/** Reads the images of the first batch behind a place, or undefined when there are no more. */
export async function imagesAfter(alias: string, run: string, seq: number): Promise<Images | undefined> {
  const kept = await imagesOf(alias)
  const range = { $gt: `${nameOf(run, seq)}0`, $lt: `${run}0` }
  const [next] = await kept
    .find({ _id: range }, { projection: { seq: 1 }, ...sessionNow() })
    .sort({ _id: 1 })
    .limit(1)
    .toArray()
  return next ? imagesAt(alias, run, next.seq) : undefined
}

/** Gives the place of the last batch that a run has kept images of. */
export async function lastImages(alias: string, run: string): Promise<number | undefined> {
  const kept = (await imagesOf(alias)).find({ _id: { $gt: `${run}/`, $lt: `${run}0` } }, { projection: { seq: 1 } })
  const [last] = await kept.sort({ _id: -1 }).limit(1).toArray()
  return last?.seq
}

/** Reads the images of one batch. */
export async function imagesAt(alias: string, run: string, seq: number): Promise<Images | undefined> {
  const name = nameOf(run, seq)
  const cursor = (await imagesOf(alias)).find({ _id: { $gt: `${name}/`, $lt: `${name}0` } }, sessionNow())
  const parts = (await cursor.toArray()).sort((one, other) => one.part - other.part)
  const header = parts[0]?.header
  if (!header) return undefined
  const { split, set, ...rest } = BSON.deserialize(header.buffer)
  const bytes = Buffer.concat(parts.map(part => part.bytes.buffer))
  return {
    ...(rest as Omit<Images, 'before' | 'after'>),
    before: separated(bytes.subarray(0, split)),
    after: separated(bytes.subarray(split)),
    ...(set ? { set: unpacked(header).set as Document } : {}),
  }
}

// 0 follows / in the order of characters: all parts of a batch lie between them.
function nameOf(run: string, seq: number): string {
  return `${run}/${seq.toFixed(6).padStart(16, '0')}`
}

async function imagesOf(alias: string): Promise<Collection<StoredImages>> {
  return (await connectionOf(alias)).db.collection<StoredImages>(UNDO)
}

function sessionNow() {
  const session = currentTransaction()?.session
  return session ? { session } : {}
}
