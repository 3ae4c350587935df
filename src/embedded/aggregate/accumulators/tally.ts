// Says what an accumulator is: something that values are added to and that gives a result.
import type { Value } from '../../bson/decode.ts'
import type { Evaluate, Result, Scope } from '../operator.ts'

export interface Tally {
  add(value: Result): void
  result(): Result
}

/** An accumulator made ready: what to evaluate of each document and how to begin a group. */
export interface Accumulation {
  readonly input: Evaluate
  /** the values come in the order of documents only; the result depends on that order */
  create(group: Result): Tally
}

export type AccumulatorOperator = (argument: Value, scope: Scope, name: string) => Accumulation
