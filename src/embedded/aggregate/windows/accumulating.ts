// Accumulates over the window of each document.
import type { Accumulation, MovingTally } from '../accumulators/tally.ts'
import type { Result } from '../operator.ts'
import { extentsOf, isWhole, type Window } from './bounds.ts'
import { type Partition, valuesOf, type WindowFunction } from './partition.ts'

/** `finish` changes the results of a window that lets go of documents. */
export function accumulating(
  accumulation: Accumulation,
  window: Window,
  finish: (result: Result) => Result = result => result,
): WindowFunction {
  return {
    compute: partition => {
      const values = valuesOf(partition, accumulation.input)
      if (isWhole(window)) return wholeResults(accumulation, values)
      return window.lower === 'unbounded'
        ? growingResults(accumulation, values, { partition, window })
        : slidingResults(accumulation, values, { partition, window }).map(finish)
    },
  }
}

interface Ground {
  readonly partition: Partition
  readonly window: Window
}

function wholeResults(accumulation: Accumulation, values: readonly Result[]): Result[] {
  const tally = accumulation.create(undefined)
  for (const value of values) tally.add(value)
  const result = tally.result()
  return values.map(() => result)
}

/** A window that never lets go of its first document is added to, step by step. */
function growingResults(
  accumulation: Accumulation,
  values: readonly Result[],
  { partition, window }: Ground,
): Result[] {
  const tally = accumulation.create(undefined)
  let added = 0
  return extentsOf(window, partition).map(({ to }) => {
    while (added < to) tally.add(values[added++])
    return tally.result()
  })
}

function slidingResults(
  accumulation: Accumulation,
  values: readonly Result[],
  { partition, window }: Ground,
): Result[] {
  const moving = accumulation.createMoving?.()
  if (moving) return movingResults(moving, values, { partition, window })
  return extentsOf(window, partition).map(({ from, to }) => {
    const tally = accumulation.create(undefined)
    for (let at = from; at < to; at++) tally.add(values[at])
    return tally.result()
  })
}

/** Both ends of the window only move forward. */
function movingResults(tally: MovingTally, values: readonly Result[], { partition, window }: Ground): Result[] {
  let added = 0
  let removed = 0
  return extentsOf(window, partition).map(({ from, to }) => {
    while (added < to) tally.add(values[added++])
    while (removed < from && removed < added) tally.remove(values[removed++])
    return tally.result()
  })
}
