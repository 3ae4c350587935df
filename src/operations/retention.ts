// Which documents archive and purge take: old enough, found by a filter, walked in the order of an index.
import type { Document } from 'mongodb'
import { EmptyFilterRefused, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { isNarrowed } from '../models/narrowing.ts'
import { findPath } from '../models/path.ts'
import { emptyPlan, type Plan } from '../models/plan.ts'
import { settingsOf } from '../models/settings.ts'
import { storedFrom } from '../runtime/codec.ts'
import { connectionOf } from '../runtime/connection.ts'
import { countOf, readAll } from '../runtime/execute.ts'
import { scopedFilter } from '../runtime/scope.ts'
import { orderBy, type WalkOrder } from './archive-walk.ts'

/** Documents to be taken. */
export interface Selection {
  readonly definition: ModelDefinition
  /** The query that finds them; its filters, and what it says of deleted ones. */
  readonly plan: Plan
  /** Takes only those older than so many milliseconds. */
  readonly olderThan?: number | undefined
  /** The path that says how old they are; `createdAt` of timestamps(), or when they were deleted, otherwise. */
  readonly by?: string | undefined
  /** Means every document, where there is neither age nor filter. */
  readonly all?: boolean | undefined
}

/** What a selection comes to: fixed from here on. */
export interface Selected {
  readonly filter: Document
  readonly order: WalkOrder
  readonly total: number
  /** What it takes, for people. */
  readonly text: string
}

/** Fixes which documents are taken: what becomes old enough later is not among them. Throws `EMPTY_FILTER_REFUSED`. */
export async function selectionOf(
  selection: Selection,
  most: number | undefined,
  operation: string,
): Promise<Selected> {
  const { definition, plan, olderThan } = selection
  refuseEverything(selection, operation)
  const path = olderThan === undefined ? '_id' : pathOf(selection, operation)
  const before = olderThan === undefined ? undefined : new Date((await serverTime(definition)) - olderThan)
  const bound = before ? { [path]: { $lt: before } } : await upToNow(definition)
  const whole: Plan = { ...plan, filters: [...plan.filters, bound] }
  const total = await countOf(definition, whole)
  if (most !== undefined && total > most)
    throw new GooseError('TOO_MANY_DOCUMENTS', { operation, model: definition.name, count: total, most })
  const order = await orderBy(definition, path)
  const text = before ? ` with ${path} before ${before.toISOString()}` : ''
  return { filter: scopedFilter(definition, whole), order, total, text }
}

// A machine whose clock is fast must not take what is not yet old.
async function serverTime({ connection }: ModelDefinition): Promise<number> {
  const { db } = await connectionOf(connection)
  const { localTime } = await db.command({ hello: 1 })
  return localTime instanceof Date ? localTime.getTime() : Date.now()
}

function refuseEverything({ definition, plan, olderThan, all }: Selection, operation: string): void {
  if (isNarrowed(plan.filters) || plan.deleted === 'only' || olderThan !== undefined || all) return
  throw new EmptyFilterRefused({ model: definition.name, operation })
}

/** Gives the path that says how old documents are. Throws `USAGE` where nothing does. */
function pathOf({ definition, plan, by }: Selection, operation: string): string {
  const { softDelete, createdAt } = settingsOf(definition)
  const path = by ?? (plan.deleted === 'only' ? softDelete?.field : createdAt)
  if (path === undefined)
    throw new GooseError('USAGE', {
      reason: `${operation}: nothing in ${definition.name} says how old a document is`,
      hint: 'name a path that holds dates with --by',
    })
  const { field, known } = findPath(definition, path)
  const kind = known ? field?.kind : undefined
  if (kind === 'date' || kind === 'mixed' || (known && kind === undefined)) return path
  const reason = known ? `${definition.name} "${path}" holds no dates` : `${definition.name} has no path "${path}"`
  throw new GooseError('USAGE', { reason: `${operation}: ${reason}`, hint: 'name a path that holds dates with --by' })
}

// Without an age the walk ends at the last _id there is now, so that it ends at all.
async function upToNow(definition: ModelDefinition): Promise<Document> {
  const last: Plan = { ...emptyPlan, sort: [['_id', -1]], limit: 1, select: ['_id'], deleted: 'include' }
  const [bytes] = await readAll(definition, last)
  return bytes ? { $expr: { $lte: ['$_id', { $literal: storedFrom(bytes)._id }] } } : {}
}
