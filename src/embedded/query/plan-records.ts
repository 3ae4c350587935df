// Walks the documents that a plan finds, before any filter.
import type { Document } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { LONGEST_KEY } from '../keys/encode.ts'
import { areKeys, keysOf } from '../planning/bounds.ts'
import type { IdPlan, IndexPlan, Plan, UnionPlan } from '../planning/plan.ts'
import { type Collection, type Index, NO_COLLECTION, storedCollection } from '../store/catalog.ts'
import type { Data, DocumentTest, Entry, StoredDocument } from '../store/data.ts'
import { boundsIn, holderOf, type KeyRange, keyOf, recordOf } from '../store/index-entries.ts'
import { equalValues } from '../values/values.ts'
import type { Scans } from './scans.ts'

/** Counts what a query looked at. */
export interface Examined {
  keys: number
  documents: number
}

export interface Walk {
  readonly data: Data
  readonly collection: Collection
  readonly scans: Scans
  readonly examined: Examined
}

/** Gives each document that passes the test, once. Its bytes are valid until the next read. */
export function recordsOf(walk: Walk, plan: Plan, test: DocumentTest): Iterable<StoredDocument> {
  const { examined } = walk
  const where = (bytes: Buffer) => {
    examined.documents++
    return test(bytes)
  }
  if (plan.kind === 'scan') return scan(walk, where, { reverse: plan.reverse })
  if (plan.kind === 'or') return union(walk, plan, where)
  return documentsOf(walk, entriesOf(walk, plan), where)
}

/** Counts the distinct documents that an index plan finds, without reading them. */
export function countOf(walk: Walk, plan: IndexPlan | IdPlan): number {
  const index = plan.index as Index
  if (index.multikey.length === 0 && plan.bounds.keyTest === undefined) return countEntries(walk, plan, index)
  let count = 0
  for (const _ of entriesOf(walk, plan)) count++
  return count
}

/** Every entry of the ranges is a document of its own: they need not be looked at. */
function countEntries({ data, examined }: Walk, { ranges }: IndexPlan | IdPlan, index: Index): number {
  const count = ranges.reduce((sum, range) => sum + data.entries.count(boundsIn(index, range)), 0)
  examined.keys += count
  return count
}

interface FoundEntry {
  readonly record: number
}

/** A cursor that goes on in a collection that was emptied since finds no more; dropped or renamed, it ends. */
function isEmptied({ data, collection }: Walk, index?: Index): boolean {
  if (collection.id === NO_COLLECTION) return false
  const now = storedCollection(data, collection)
  if (now === undefined || !equalValues(now.get('uuid'), collection.uuid))
    throw new CommandError('QueryPlanKilled', `collection dropped: ${collection.namespace}`)
  if (Number(now.get('id')) !== collection.id) return true
  if (index && !(now.get('indexes') as Document[]).some(one => Number(one.get('id')) === index.id))
    throw new CommandError('QueryPlanKilled', `index '${index.name}' dropped`)
  return false
}

function scan(walk: Walk, where: DocumentTest, { reverse }: { readonly reverse: boolean }): Iterable<StoredDocument> {
  const { data, collection, scans } = walk
  const open = (last: number | undefined) => {
    if (last === undefined) return data.documents.range(collection.id, { reverse, where })
    if (isEmptied(walk)) return []
    return data.documents.range(collection.id, reverse ? { to: last, reverse, where } : { from: last + 1, where })
  }
  return scans.resumable(open, step => step.record)
}

function* documentsOf(
  { data, collection }: Walk,
  entries: Iterable<FoundEntry>,
  where: DocumentTest,
): Generator<StoredDocument> {
  for (const { record } of entries) {
    const bytes = data.documents.get(collection.id, record)
    if (bytes !== undefined && where(bytes)) yield { record, bytes }
  }
}

function* union(walk: Walk, plan: UnionPlan, where: DocumentTest): Generator<StoredDocument> {
  const seen = new Set<number>()
  for (const part of plan.plans)
    for (const found of documentsOf(walk, entriesOf(walk, part), where)) {
      if (seen.has(found.record)) continue
      seen.add(found.record)
      yield found
    }
}

function* entriesOf(walk: Walk, plan: IndexPlan | IdPlan): Generator<FoundEntry> {
  const index = plan.index as Index
  const seen = index.multikey.length > 0 ? new Set<number>() : undefined
  const ranges = plan.reverse ? plan.ranges.toReversed() : plan.ranges
  const { keyTest } = plan.bounds
  if (areWholeKeys(index, plan)) {
    for (const entry of keyEntries(walk, index, ranges)) if (isNew(entry.record, seen)) yield entry
    return
  }
  for (const range of ranges)
    for (const { key, value } of rangeEntries(walk, index, { range, reverse: plan.reverse })) {
      const record = recordOf(index, key, value)
      if (keyTest?.(keyOf(index, key)) === false || !isNew(record, seen)) continue
      yield { record }
    }
}

function isNew(record: number, seen: Set<number> | undefined): boolean {
  if (seen === undefined) return true
  if (seen.has(record)) return false
  seen.add(record)
  return true
}

/** Tells whether each range is one key of a unique index; keys that follow each other are one range. */
function areWholeKeys(index: Index, { ranges, bounds }: IndexPlan | IdPlan): boolean {
  if (!index.unique || !areKeys(bounds, index) || ranges.length !== keysOf(bounds)) return false
  return ranges.every(({ from }) => from.length < LONGEST_KEY)
}

interface HeldKey extends FoundEntry {
  readonly at: number
}

/** Looks for each key of a unique index: that costs less than to walk to it. */
function keyEntries(walk: Walk, index: Index, keys: readonly KeyRange[]): Iterable<HeldKey> {
  const { data, scans, examined } = walk
  const open = (last: number | undefined) =>
    last !== undefined && isEmptied(walk, index) ? [] : heldKeys(data, index, { keys, after: last ?? -1 })
  return scans.resumable(open, step => {
    examined.keys++
    return step.at
  })
}

function* heldKeys(
  data: Data,
  index: Index,
  { keys, after }: { readonly keys: readonly KeyRange[]; readonly after: number },
): Generator<HeldKey> {
  for (let at = after + 1; at < keys.length; at++) {
    const record = holderOf(data, index, keys[at]!.from)
    if (record !== undefined) yield { at, record }
  }
}

function rangeEntries(
  walk: Walk,
  index: Index,
  { range, reverse }: { readonly range: KeyRange; readonly reverse: boolean },
): Iterable<Entry> {
  const { data, scans, examined } = walk
  const bounds = boundsIn(index, range)
  const open = (last: Buffer | undefined) =>
    last !== undefined && isEmptied(walk, index)
      ? []
      : data.entries.range({ ...remaining(bounds, last, reverse), reverse })
  return scans.resumable(open, step => {
    examined.keys++
    return step.key
  })
}

const NEXT = Buffer.from([0])

function remaining(bounds: KeyRange, last: Buffer | undefined, reverse: boolean): KeyRange {
  if (last === undefined) return bounds
  return reverse ? { from: bounds.from, to: last } : { from: Buffer.concat([last, NEXT]), to: bounds.to }
}
