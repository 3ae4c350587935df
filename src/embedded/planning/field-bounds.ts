// The intervals that conditions leave to one field of an index.
import type { Interval } from './intervals.ts'
import type { Leaf } from './predicates.ts'

export interface FieldBounds {
  readonly path: string
  readonly direction: 1 | -1
  readonly intervals: readonly Interval[]
  /** the conditions these intervals answer; none when the field is not bounded */
  readonly leaves: readonly Leaf[]
}
