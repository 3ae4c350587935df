// Reads the audit log by what people ask of it: newest first, a page at a time, each by an index.
import { createHash } from 'node:crypto'
import { BSON, type Db, type Document, type FindCursor, ObjectId } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { idAt, isBundle, unbundled } from '../runtime/audit-bundle.ts'
import { AUDIT_COLLECTION } from '../runtime/audit-log.ts'
import { isEqualStored } from '../runtime/codec.ts'

/** Which entries are asked for. */
export interface AuditQuestion {
  readonly model?: string | undefined
  readonly documentId?: unknown
  readonly actor?: string | undefined
  readonly op?: string | undefined
  readonly operation?: string | undefined
  readonly via?: string | undefined
  /** A path that was changed, or that something below was. */
  readonly field?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Means also what the log keeps for itself: intentions, failures, digests. */
  readonly isWhole?: boolean | undefined
}

/** Which part of them. */
export interface AuditPaging {
  /** 0 for all. */
  readonly limit: number
  /** The cursor of the page before. */
  readonly after?: string | undefined
}

/** Entries as they are read; `next` is known once all have been. */
export interface AuditPage {
  readonly entries: AsyncIterable<AuditEntry>
  next(): string | undefined
}

const bookkeeping = ['batch', 'intended', 'failed']

/** Reads a page of the log; nothing is read before it is asked for. Throws `INVALID_CURSOR`. */
export function auditPage(db: Db, question: AuditQuestion, paging: AuditPaging): AuditPage {
  const state: { next?: string } = {}
  return { entries: entriesOf(db, question, { ...paging, state }), next: () => state.next }
}

/** Gives the command that a page is, for explain. */
export function auditCursor(db: Db, question: AuditQuestion, { limit, after }: AuditPaging): FindCursor<Document> {
  const filter = filterOf(question)
  const place = after === undefined ? [] : [behind(placeOf(after, question))]
  const cursor = db.collection(AUDIT_COLLECTION).find(allOf([...filter, ...place]))
  cursor.sort({ at: -1, _id: -1 })
  // Of the bundle that a page has ended in, nothing may be left to show.
  return limit === 0 ? cursor : cursor.limit(limit + 2)
}

/** Finds one entry: by its id, the end of it among the newest, or `last`. Throws `ENTRY_NOT_FOUND`. */
export async function findEntry(db: Db, id: string): Promise<AuditEntry> {
  const log = db.collection(AUDIT_COLLECTION)
  if (id === 'last') {
    const newest = await log.findOne({ operation: { $nin: bookkeeping } }, { sort: { at: -1, _id: -1 } })
    if (newest) return unbundled(newest).at(-1)!
  }
  const exact = await entryAt(db, /^[0-9a-f]{24}$/i.test(id) ? new ObjectId(id) : id)
  if (exact) return exact
  const ending = id.replace(/^…/, '').toLowerCase()
  const found = /^[0-9a-f]{4,23}$/.test(ending) ? await endingWith(db, ending) : []
  const [only, another] = found
  if (!only) throw new GooseError('ENTRY_NOT_FOUND', { entry: id })
  if (another)
    throw new GooseError('USAGE', {
      reason: `more than one entry has an id that ends with ${ending}`,
      hint: `give more of it: ${String(only)} or ${String(another)}`,
    })
  return (await entryAt(db, only)) as AuditEntry
}

async function* entriesOf(
  db: Db,
  question: AuditQuestion,
  { limit, after, state }: AuditPaging & { readonly state: { next?: string } },
): AsyncGenerator<AuditEntry> {
  const place = after === undefined ? undefined : placeOf(after, question)
  let [count, last]: [number, AuditEntry | undefined] = [0, undefined]
  for await (const stored of auditCursor(db, question, { limit, after })) {
    for (const entry of askedIn(stored, question, place)) {
      if (limit !== 0 && count === limit) {
        state.next = tokenOf(last!, question)
        return
      }
      count++
      last = entry
      yield entry
    }
  }
}

// A bundle is found when one of its entries is asked for, and a page may have ended inside of it.
function askedIn(stored: Document, question: AuditQuestion, place: Place | undefined): readonly AuditEntry[] {
  if (!isBundle(stored)) return unbundled(stored)
  const { documentId, field } = question
  return unbundled(stored)
    .filter(entry => documentId === undefined || isEqualStored(entry.documentId, documentId))
    .filter(entry => field === undefined || entry.fields?.includes(field))
    .filter(({ at, _id }) => !place || at < place.at || String(_id) < String(place.id))
    .reverse()
}

async function entryAt(db: Db, id: unknown): Promise<AuditEntry | undefined> {
  const log = db.collection(AUDIT_COLLECTION)
  const exact = await log.findOne({ _id: id as never })
  // An id inside a bundle is a little higher than that of the bundle.
  const stored =
    exact ?? (id instanceof ObjectId ? await log.findOne({ _id: { $lt: id } }, { sort: { _id: -1 } }) : null)
  return stored ? unbundled(stored).find(({ _id }) => String(_id) === String(id)) : undefined
}

function filterOf(question: AuditQuestion): readonly Document[] {
  const { model, documentId, actor, op, operation, via, field, since, until, isWhole } = question
  const plain = { model, documentId, op, via, 'by.userId': actor === undefined ? undefined : actorOf(actor) }
  const conditions = Object.entries(plain).filter(([, value]) => value !== undefined)
  return [
    ...conditions.map(([path, value]) => ({ [path]: value })),
    ...(field === undefined ? [] : [{ fields: field }]),
    ...(since === undefined ? [] : [{ at: { $gte: since } }]),
    ...(until === undefined ? [] : [{ at: { $lte: until } }]),
    ...(operation === undefined ? [] : [{ operation }]),
    ...(operation !== undefined || isWhole ? [] : [{ operation: { $nin: bookkeeping } }]),
  ]
}

// Ids of users may be anything; what looks like one of another type is looked for as both.
function actorOf(text: string): unknown {
  if (/^[0-9a-f]{24}$/i.test(text)) return { $in: [text, new ObjectId(text)] }
  return text !== '' && Number.isFinite(Number(text)) ? { $in: [text, Number(text)] } : text
}

function allOf(conditions: readonly Document[]): Document {
  if (conditions.length === 0) return {}
  const [only, another] = conditions
  return another ? { $and: [...conditions] } : only!
}

interface Place {
  readonly at: Date
  readonly id: unknown
}

// One range that an index can begin at, and within it the entries of the same moment that were shown.
function behind({ at, id }: Place): Document {
  return { at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: id } }] }
}

function tokenOf({ at, _id }: AuditEntry, question: AuditQuestion): string {
  const text = BSON.EJSON.stringify({ at, id: _id, of: hashOf(question) }, { relaxed: false })
  return Buffer.from(text).toString('base64url')
}

function placeOf(token: string, question: AuditQuestion): Place {
  const refuse = (reason: string) => new GooseError('INVALID_CURSOR', { model: 'the audit log', reason })
  try {
    const { at, id, of } = BSON.EJSON.parse(Buffer.from(token, 'base64url').toString())
    if (!(at instanceof Date) || id === undefined) throw refuse('it is damaged')
    if (of !== hashOf(question)) throw refuse('it belongs to other filters')
    return { at, id }
  } catch (error) {
    throw error instanceof GooseError ? error : refuse('it is damaged')
  }
}

function hashOf(question: AuditQuestion): string {
  const known = Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined))
  return createHash('sha256').update(BSON.EJSON.stringify(known)).digest('base64url').slice(0, 8)
}

async function endingWith(db: Db, ending: string): Promise<readonly ObjectId[]> {
  const tail = { $substrBytes: [{ $toString: '$_id' }, 24 - ending.length, ending.length] }
  const isBundle = { $isArray: '$documentId' }
  const stages = [
    { $sort: { at: -1, _id: -1 } },
    { $limit: 100_000 },
    { $project: { entries: { $cond: [isBundle, { $size: '$documentId' }, 1] } } },
    { $match: { _id: { $type: 'objectId' } } },
    { $match: { $or: [{ entries: { $gt: 1 } }, { $expr: { $eq: [tail, ending] } }] } },
  ]
  const found: ObjectId[] = []
  for await (const { _id, entries } of db
    .collection(AUDIT_COLLECTION)
    .aggregate<{ _id: ObjectId; entries: number }>(stages))
    for (let place = 0; place < entries; place++) {
      const id = idAt(_id, place)
      if (id.toHexString().endsWith(ending) && found.push(id) === 2) return found
    }
  return found
}
