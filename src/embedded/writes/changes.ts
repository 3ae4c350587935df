// Finds documents of one collection and changes or removes them, inside one write.
import type { Variables } from '../aggregate/environment.ts'
import { type Document, decodeDocument, type Value } from '../bson/decode.ts'
import { encodeDocument } from '../bson/encode.ts'
import { decodeFields } from '../bson/fields.ts'
import { withFields } from '../bson/splice.ts'
import { CommandError } from '../errors.ts'
import { type FindAsked, inOrder } from '../query/find.ts'
import { type Asked, matchesOf, type Search, searchOf } from '../query/search.ts'
import type { Collection } from '../store/catalog.ts'
import type { CollectionWriter } from '../store/collection-writer.ts'
import { copyOf, type Data } from '../store/data.ts'
import { compileUpdate, type Update } from '../update/update.ts'
import { checkUpsertFilter, upsertSeed } from '../update/upsert.ts'
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

interface Found {
  readonly record: number
  readonly bytes: Buffer
}

export function updateDocuments(place: Place, asked: UpdateAsked): Updated {
  if (place.collection) checkSeriesUpdate(place.collection, asked)
  if (asked.upsert) checkUpsertFilter(asked.filter)
  const search = searchOf(place.data, place.collection, { asked })
  const update = compileUpdate(asked.update, { ...asked, filter: search.filter })
  if (asked.multi && asked.sort) throw new CommandError('FailedToParse', 'Cannot specify sort with multi=true')
  if (asked.multi && update.kind === 'replacement')
    throw new CommandError('FailedToParse', 'multi update is not supported for replacement-style update')
  const found = asked.multi ? every(search) : first(search, asked)
  if (found.length === 0 && asked.upsert) return upsert(place, update, asked)
  let modified = 0
  let after: Buffer | undefined
  for (const document of found) {
    after = changed(place, update, document)
    if (after !== undefined) modified++
  }
  const one = found.length === 1 ? found[0]!.bytes : undefined
  return { matched: found.length, modified, ...(one && { before: one, after: after ?? one }) }
}

export interface Removed {
  readonly count: number
  /** of a removal of one document: the document */
  readonly document?: Buffer
}

export function removeDocuments(place: Place, asked: Asked & { readonly multi: boolean }): Removed {
  const search = searchOf(place.data, place.collection, { asked })
  const found = asked.multi ? every(search) : first(search, asked)
  for (const { record, bytes } of found) place.writer.remove(record, bytes)
  return { count: found.length, ...(found.length === 1 && { document: found[0]!.bytes }) }
}

/** All are found before the first is changed: a change must not make a document be found again. */
function every(search: Search): Found[] {
  const found: Found[] = []
  for (const { record, bytes } of matchesOf(search)) found.push({ record, bytes: copyOf(bytes) })
  return found
}

function first(search: Search, asked: Asked): Found[] {
  const wanted: FindAsked = { ...asked, skip: 0, limit: 1 }
  for (const { record, bytes } of inOrder(search, wanted)) return [{ record, bytes: copyOf(bytes) }]
  return []
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
