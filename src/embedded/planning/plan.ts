// The plans of a query: what it asks for, and the ways to find its documents.

import type { Document, Value } from '../bson/decode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import type { Collation } from '../values/collation.ts'
import type { Bounds } from './bounds.ts'
import type { Range } from './intervals.ts'

export interface Query {
  readonly filter: Document
  readonly sort?: Document | undefined
  readonly hint?: Value | undefined
  readonly collation?: Collation | undefined
  readonly min?: Document | undefined
  readonly max?: Document | undefined
}

/** Looks at all documents, in the order of insertion or backwards. */
export interface ScanPlan {
  readonly kind: 'scan'
  readonly reverse: boolean
  /** the documents come in the order that the query asks for */
  readonly sorted: boolean
}

/** Walks ranges of an index, which are disjoint and ascend; all of it is walked backwards when `reverse`. */
export interface IndexPlan {
  readonly kind: 'index'
  readonly index: IndexSpec
  readonly ranges: readonly Range[]
  readonly reverse: boolean
  readonly sorted: boolean
  /** every document found matches the filter */
  readonly exact: boolean
  readonly bounds: Bounds
}

/** Looks up single values of _id. */
export interface IdPlan extends Omit<IndexPlan, 'kind'> {
  readonly kind: 'id'
  readonly ids: readonly Value[]
}

/** Finds what any of the plans finds; a document may be found by several. */
export interface UnionPlan {
  readonly kind: 'or'
  readonly plans: readonly IndexPlan[]
  /** true only where the query asks for no order */
  readonly sorted: boolean
  readonly exact: false
}

export type Plan = ScanPlan | IdPlan | IndexPlan | UnionPlan

/** Tells whether a query leaves the order of its documents open. */
export function isUnordered(query: Query): boolean {
  return query.sort === undefined || query.sort.size === 0
}
