// Finds the documents of a collection that match a filter, by the best plan, in no order or in the plan's.
import type { Variables } from '../aggregate/environment.ts'
import { type Document, decodeDocument, int32, type Value } from '../bson/decode.ts'
import { decodeFields } from '../bson/fields.ts'
import { CommandError } from '../errors.ts'
import { compileFilter, type Filter } from '../match/filter.ts'
import type { TimeLimit } from '../operation/time-limit.ts'
import type { Plan, Query } from '../planning/plan.ts'
import { plan } from '../planning/planner.ts'
import { type Collection, type Index, NO_COLLECTION } from '../store/catalog.ts'
import type { Data, DocumentTest, StoredDocument } from '../store/data.ts'
import { useOf } from '../store/index-use.ts'
import type { Collation } from '../values/collation.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { compileSort } from '../values/sort.ts'
import { type Examined, recordsOf, type Walk } from './plan-records.ts'
import { remainder } from './remainder.ts'
import { Scans } from './scans.ts'

export interface Asked {
  readonly filter: Document
  readonly sort?: Document | undefined
  readonly hint?: Value | undefined
  readonly collation?: Collation | undefined
  readonly min?: Document | undefined
  readonly max?: Document | undefined
  readonly variables?: Variables | undefined
  readonly now?: Date | undefined
  /** how long the command may work */
  readonly time?: TimeLimit | undefined
}

/** A query made ready to run on one collection. */
export interface Search {
  readonly walk: Walk
  readonly plan: Plan
  readonly filter: Filter
  readonly matchesAll: boolean
  readonly time: TimeLimit | undefined
}

export function searchOf(
  data: Data,
  collection: Collection | undefined,
  { asked, scans = new Scans() }: { readonly asked: Asked; readonly scans?: Scans },
): Search {
  const whole = compileFilter(asked.filter, asked)
  if (asked.sort !== undefined) checkSort(asked.sort)
  const query: Query = asked
  const chosen = planFor(query, collection)
  if (collection) noteUse(chosen)
  const examined: Examined = { keys: 0, documents: 0 }
  const isExact = (chosen.kind === 'index' || chosen.kind === 'id') && chosen.exact
  const left = isExact ? asked.filter : remainder(asked.filter, chosen)
  const filter = left === asked.filter ? whole : compileFilter(left, asked)
  return {
    walk: { data, collection: collection ?? NOWHERE, scans, examined },
    plan: chosen,
    filter,
    matchesAll: asked.filter.size === 0 || isExact,
    time: asked.time,
  }
}

/** A sort must be one even where the plan makes it needless. */
function checkSort(sort: Document): void {
  if (!sort.has('$natural')) {
    compileSort(sort)
    return
  }
  if (sort.size > 1) throw new CommandError('BadValue', "Cannot include '$natural' in compound sort")
  const natural = sort.get('$natural')
  if (!isNumber(natural) || Math.abs(toDouble(natural)) !== 1)
    throw new CommandError('BadValue', '$natural sort cannot be set to a value other than -1 or 1.')
}

/** What a clustered collection holds lies in the order of _id. */
function planFor(query: Query, collection: Collection | undefined): Plan {
  const chosen = plan(query, collection?.indexes ?? [])
  if (chosen.kind !== 'scan' || !chosen.sorted || !collection?.options?.has('clusteredIndex')) return chosen
  const sort: Document = new Map([['_id', int32(chosen.reverse ? -1 : 1)]])
  return plan({ ...query, sort, hint: '_id_' }, collection.indexes)
}

function noteUse(chosen: Plan): void {
  if (chosen.kind === 'or') chosen.plans.forEach(noteUse)
  else if (chosen.kind !== 'scan') useOf((chosen.index.whole ?? chosen.index) as Index).count++
}

/** A collection that does not exist has no documents; malformed queries on it are errors all the same. */
const NOWHERE = { id: NO_COLLECTION, indexes: [] } as unknown as Collection

const STEPS_BETWEEN_CHECKS = 16

/** Gives the documents that match. Their bytes are valid until the next read. */
export function matchesOf(search: Search): Iterable<StoredDocument> {
  const test = search.matchesAll ? () => true : testOf(search.filter)
  return recordsOf(search.walk, search.plan, search.time === undefined ? test : timely(test, search.time))
}

export function testOf(filter: Filter): DocumentTest {
  const { fields } = filter
  if (fields === null) return bytes => filter.matches(decodeDocument(bytes))
  return bytes => filter.matches(decodeFields(bytes, fields))
}

function timely(test: DocumentTest, time: TimeLimit): DocumentTest {
  let steps = 0
  return bytes => {
    if (++steps % STEPS_BETWEEN_CHECKS === 0) time.check()
    return test(bytes)
  }
}
