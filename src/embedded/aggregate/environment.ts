// Describes what an expression or a pipeline is compiled for: clock, collation and user variables.
import type { Value } from '../bson/decode.ts'
import type { Collation } from '../values/collation.ts'

/** Values of user variables by name, without the leading `$$`. */
export type Variables = ReadonlyMap<string, Value>

export interface Environment {
  readonly now: Date
  readonly collation?: Collation | undefined
  /** the user variables that may be named; a pipeline reads their values from this map while it runs */
  readonly variables?: Variables | undefined
}

export const NO_VARIABLES: Variables = new Map()
