// Finds documents of one collection and changes or removes them, inside one write.
import type { Variables } from '../aggregate/environment.ts'
import { type Document, decodeDocument, type Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { decodeFields } from '../bson/fields.ts'
import { withFields } from '../bson/splice.ts'
import { CommandError } from '../errors.ts'
import { type FindAsked, inOrder } from '../query/find.ts'
import { type Asked, type Search, searchOf } from '../query/search.ts'
import type { Collection } from '../store/catalog.ts'
import { emptyCollection } from '../store/catalog-changes.ts'
import type { CollectionWriter } from '../store/collection-writer.ts'
import { copyOf, type Data } from '../store/data.ts'
import { compileUpdate, type Update } from '../update/update.ts'
import { checkUpsertFilter, upsertSeed } from '../update/upsert.ts'
import { type Found, Matches } from './matches.ts'
import { MAX_DOCUMENT_BYTES, readyToInsert } from './new-document.ts'
import { checkSeriesUpdate } from './time-series.ts'
import type { Validator } from './validation.ts'

export interface UpdateAsked extends Asked {
  readonly update: Document | readonly Value[]
  readonly arrayFilters?: readonly Value[] | undefined
  readonly variables: Variables
  readonly now: Date
  readonly multi: boolean
  readonly upsert: boolean
}

export interface Place {
  readonly data: Data
  /** undefined where there is no such collection and none is to be created */
  readonly collection: Collection | undefined
  readonly check: Validator | undefined
  readonly writer: CollectionWriter
}

export interface Updated {
  readonly matched: number
  readonly modified: number
  readonly upserted?: { readonly bytes: Buffer }
  /** of an update of one document: what was there, and what is there now */
  readonly before?: Buffer
  readonly after?: Buffer
}

export function updateDocuments(place: Place, asked: UpdateAsked): Updated {
  if (place.collection) checkSeriesUpdate(place.collection, asked)
  if (asked.upsert) checkUpsertFilter(asked.filter)
  const search = searchOf(place.data, place.collection, { asked })
  const update = compileUpdate(asked.update, { ...asked, filter: search.filter })
  if (asked.multi && asked.sort) throw new CommandError('FailedToParse', 'Cannot specify sort with multi=true')
  if (asked.multi && update.kind === 'replacement')
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update')
  const done = asked.multi ? updateAll(place, update, { search, asked }) : updateFirst(place, update, { search, asked })
  return done.matched === 0 && asked.upsert ? upsert(place, update, asked) : done
}

interface Searched {
  readonly search: Search
  readonly asked: Asked
}

function updateAll(place: Place, update: Update, { search, asked }: Searched): Updated {
  const found = new Matches(search)
  let modified = 0
  for (const document of found) {
    asked.time?.check()
    if (changed(place, update, document) !== undefined) modified++
  }
  return { matched: found.count, modified }
}

function updateFirst(place: Place, update: Update, { search, asked }: Searched): Updated {
  const found = first(search, asked)
  if (found === undefined) return { matched: 0, modified: 0 }
  const after = changed(place, update, found)
  return { matched: 1, modified: after === undefined ? 0 : 1, before: found.bytes, after: after ?? found.bytes }
}

export interface Removed {
  readonly count: number
  /** of a removal of one document: the document */
  readonly document?: Buffer
}

export interface RemovalAsked extends Asked {
  readonly multi: boolean
  /** nothing else of this write looks at the collection, which may be put anew when all of it goes */
  readonly isLast?: boolean
}

export function removeDocuments(place: Place, asked: RemovalAsked): Removed {
  const search = searchOf(place.data, place.collection, { asked })
  if (!asked.multi) return removeFirst(place, search, asked)
  const all = asked.isLast ? allOf(place) : undefined
  if (all !== undefined && isEverything(search)) return emptied(place, all)
  const found = new Matches(search)
  if (found.count === all) return emptied(place, all)
  for (const { record, bytes } of found) {
    asked.time?.check()
    place.writer.remove(record, bytes)
  }
  return { count: found.count }
}

function removeFirst(place: Place, search: Search, asked: Asked): Removed {
  const found = first(search, asked)
  if (found === undefined) return { count: 0 }
  place.writer.remove(found.record, found.bytes)
  return { count: 1, document: found.bytes }
}

function first(search: Search, asked: Asked): Found | undefined {
  const wanted: FindAsked = { ...asked, skip: 0, limit: 1 }
  for (const { record, bytes } of inOrder(search, wanted)) return { record, bytes: copyOf(bytes) }
  return undefined
}

/** To remove fewer documents one by one takes no longer than to put the collection anew. */
const MANY = 1000

/** How many documents there are, where all of them can be taken away in one step. */
function allOf({ data, collection }: Place): number | undefined {
  if (collection === undefined || collection.options.get('capped') === true) return undefined
  const count = data.documents.count(collection.id)
  return count < MANY ? undefined : count
}

function isEverything({ plan, matchesAll }: Search): boolean {
  return plan.kind === 'scan' && matchesAll
}

function emptied({ data, collection }: Place, count: number): Removed {
  emptyCollection(data, collection!)
  return { count }
}

/** Gives the new bytes, or undefined when the update changes nothing. */
function changed({ writer, check }: Place, update: Update, { record, bytes: before }: Found): Buffer | undefined {
  const after = update.reads ? spliced(before, update, update.reads) : rewritten(before, update)
  if (after === undefined || after.equals(before)) return undefined
  if (after.length > MAX_DOCUMENT_BYTES) throw tooLarge(after.length)
  check?.(after, before)
  writer.update({ record, before, after, paths: update.paths })
  return after
}

function rewritten(before: Buffer, update: Update): Buffer | undefined {
  const old = decodeDocument(before)
  const now = update.apply(old)
  return now === old ? undefined : encodeDocument(now)
}

/** An error may speak of the whole document, so it comes from there. */
function spliced(before: Buffer, update: Update, reads: ReadonlySet<string>): Buffer | undefined {
  const old = decodeFields(before, reads)
  let now: Document
  try {
    now = update.apply(old)
  } catch {
    return rewritten(before, update)
  }
  if (now === old) return undefined
  const changes = new Map<string, Value | undefined>()
  for (const [name, value] of now) if (old.get(name) !== value) changes.set(name, value)
  for (const name of old.keys()) if (!now.has(name)) changes.set(name, undefined)
  return withFields(before, changes)
}

function upsert({ writer, check }: Place, update: Update, asked: UpdateAsked): Updated {
  const seed = upsertSeed(asked.filter)
  const document = update.apply(update.kind === 'replacement' ? idOf(seed) : seed, { inserting: true })
  const bytes = readyToInsert(encodeDocument(document))
  check?.(bytes)
  writer.insert(bytes)
  return { matched: 0, modified: 0, upserted: { bytes } }
}

function idOf(seed: Document): Document {
  return seed.has('_id') ? new Map([['_id', seed.get('_id')!]]) : new Map()
}

function tooLarge(size: number): CommandError {
  return new CommandError(
    17419,
    `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}; its size is ${size}`,
  )
}
