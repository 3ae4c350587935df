// Describes what an update operator does to the value at its path.
import type { Document, Value } from '../bson/decode.ts'
import type { Collation } from '../values/collation.ts'

/** Where a change takes place, for messages. */
export interface Place {
  readonly path: string
  readonly document: Document
}

export interface Change {
  /** what happens where the path is missing: it is created, only checked to be possible, or nothing */
  readonly absent: 'create' | 'check' | 'ignore'
  /** Gives the new value for a stored one: undefined removes it, the same value changes nothing. */
  existing(value: Value, place: Place): Value | undefined
  /** Gives the value of a missing field, or undefined to leave it missing. */
  missing(): Value | undefined
}

/** What operators are compiled with. */
export interface ChangeScope {
  readonly path: string
  readonly collation: Collation | undefined
  readonly now: () => Date
}

export type Operator = (operand: Value, scope: ChangeScope) => Change
