// Keeps the least and the greatest values of a window that moves: $min, $max, $minN, $maxN.
import type { Value } from '../../bson/decode.ts'
import { compareValues } from '../../values/values.ts'
import { isNullish, type Result } from '../operator.ts'
import type { Direction } from './extremes.ts'
import type { MovingTally } from './tally.ts'

/** All values of the window in ascending order, of equal ones the earlier first. */
class Ascending implements MovingTally {
  readonly #direction: Direction
  readonly #pick: (ascending: readonly Value[], sign: 1 | -1) => Result
  readonly #values: Value[] = []

  constructor(direction: Direction, pick: (ascending: readonly Value[], sign: 1 | -1) => Result) {
    this.#direction = direction
    this.#pick = pick
  }

  add(value: Result): void {
    if (!isNullish(value)) this.#values.splice(this.#placeOf(value, 0), 0, value)
  }

  /** Takes away the oldest of equal values. */
  remove(value: Result): void {
    if (!isNullish(value)) this.#values.splice(this.#placeOf(value, -1), 1)
  }

  result(): Result {
    return this.#pick(this.#values, this.#direction.sign)
  }

  /** Where the values begin whose order to this one is above the given one. */
  #placeOf(value: Value, order: 0 | -1): number {
    let [from, to] = [0, this.#values.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (compareValues(this.#values[middle]!, value, this.#direction.collation) > order) to = middle
      else from = middle + 1
    }
    return from
  }
}

/** Of equal values $max takes the latest. */
export function movingExtreme(direction: Direction): MovingTally {
  return new Ascending(direction, (values, sign) => values.at(sign === 1 ? -1 : 0) ?? null)
}

export function movingExtremes(count: number, direction: Direction): MovingTally {
  return new Ascending(direction, (values, sign) =>
    sign === 1 ? values.slice(-count).reverse() : values.slice(0, count),
  )
}
