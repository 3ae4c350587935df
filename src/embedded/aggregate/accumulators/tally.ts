// Says what an accumulator is: something that values are added to and that gives a result.
import type { Value } from '../../bson/decode.ts'
import type { Evaluate, Result, Scope } from '../operator.ts'

export interface Tally {
  add(value: Result): void
  result(): Result
}

/** One that also lets go of values, the oldest first. */
export interface MovingTally extends Tally {
  remove(value: Result): void
}

/** An accumulator made ready: what to evaluate of each document and how to begin a group. */
export interface Accumulation {
  readonly input: Evaluate
  /** the values come in the order of documents only; the result depends on that order */
  create(group: Result): Tally
  /** for windows that move; others add all their values again for each document */
  createMoving?(): MovingTally
}

export type AccumulatorOperator = (argument: Value, scope: Scope, name: string) => Accumulation
