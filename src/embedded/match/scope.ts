// Carries what the parts of one filter share while it is compiled.
import type { Document, Value } from '../bson/decode.ts'
import type { Collation } from '../values/collation.ts'
import type { Search, Test } from './path.ts'

export interface MatchScope {
  readonly collation: Collation | undefined
  /** Notes that the filter reads a path; null for the whole document. */
  readonly reads: (path: string | null) => void
  /** Compiles a filter on documents, such as the one of $elemMatch. */
  readonly document: (filter: Document) => Search
  /** Compiles an aggregation expression into a test of documents. */
  readonly expression: (expression: Value) => (document: Document) => boolean
  /** The scope of a filter on the elements of an array. */
  readonly element: () => MatchScope
  /** Compiles the conditions on one value, such as { $gt: 5, $lt: 8 }. */
  readonly value: (conditions: Document, path: string) => Test
}
