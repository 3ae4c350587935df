// Reads the audit log by what people ask of it: newest first, a page at a time, each by an index.
import { createHash } from 'node:crypto'
import { BSON, type Db, type Document, type FindCursor, ObjectId } from 'mongodb'
import { GooseError } from '../errors.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { AUDIT_COLLECTION } from '../runtime/audit-log.ts'

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
  return limit === 0 ? cursor : cursor.limit(limit + 1)
}

/** Finds one entry: by its id, the end of it among the newest, or `last`. Throws `ENTRY_NOT_FOUND`. */
export async function findEntry(db: Db, id: string): Promise<AuditEntry> {
  const log = db.collection(AUDIT_COLLECTION)
  if (id === 'last') {
    const newest = await log.findOne({ operation: { $nin: bookkeeping } }, { sort: { at: -1, _id: -1 } })
    if (newest) return newest as unknown as AuditEntry
  }
  const whole = /^[0-9a-f]{24}$/i.test(id) ? new ObjectId(id) : id
  const exact = await log.findOne({ _id: whole as never })
  if (exact) return exact as unknown as AuditEntry
  const ending = id.replace(/^…/, '').toLowerCase()
  const found = /^[0-9a-f]{4,23}$/.test(ending) ? await endingWith(db, ending) : []
  const [only, another] = found
  if (!only) throw new GooseError('ENTRY_NOT_FOUND', { entry: id })
  if (another)
    throw new GooseError('USAGE', {
      reason: `more than one entry has an id that ends with ${ending}`,
      hint: `give more of it: ${String(only._id)} or ${String(another._id)}`,
    })
  return only
}

async function* entriesOf(
  db: Db,
  question: AuditQuestion,
  { limit, after, state }: AuditPaging & { readonly state: { next?: string } },
): AsyncGenerator<AuditEntry> {
  const cursor = auditCursor(db, question, { limit, after })
  let [count, last]: [number, AuditEntry | undefined] = [0, undefined]
  for await (const entry of cursor as AsyncIterable<unknown> as AsyncIterable<AuditEntry>) {
    if (limit !== 0 && count === limit) {
      state.next = tokenOf(last!, question)
      return
    }
    count++
    last = entry
    yield entry
  }
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

async function endingWith(db: Db, ending: string): Promise<readonly AuditEntry[]> {
  const tail = { $substrBytes: [{ $toString: '$_id' }, 24 - ending.length, ending.length] }
  const stages = [
    { $sort: { at: -1, _id: -1 } },
    { $limit: 100_000 },
    { $project: { _id: 1 } },
    { $match: { _id: { $type: 'objectId' } } },
    { $match: { $expr: { $eq: [tail, ending] } } },
    { $limit: 2 },
  ]
  const log = db.collection(AUDIT_COLLECTION)
  const ids = (await log.aggregate(stages).toArray()).map(({ _id }) => _id)
  return (await log.find({ _id: { $in: ids } }).toArray()) as unknown as readonly AuditEntry[]
}
