// Keeps the least and the greatest values: $min, $max, $minN, $maxN.
import type { Value } from '../../bson/decode.ts'
import type { Collation } from '../../values/collation.ts'
import { compareValues } from '../../values/values.ts'
import { isNullish, type Result } from '../operator.ts'
import type { Tally } from './tally.ts'

export interface Direction {
  /** 1 keeps the greatest, -1 the least */
  readonly sign: 1 | -1
  readonly collation: Collation | undefined
}

export class Extreme implements Tally {
  readonly #direction: Direction
  #best: Value | undefined

  constructor(direction: Direction) {
    this.#direction = direction
  }

  add(value: Result): void {
    if (isNullish(value)) return
    if (this.#best === undefined || this.#order(value, this.#best) > 0) this.#best = value
  }

  result(): Result {
    return this.#best ?? null
  }

  #order(a: Value, b: Value): number {
    return compareValues(a, b, this.#direction.collation) * this.#direction.sign
  }
}

export class Extremes implements Tally {
  readonly #values: Ranking
  readonly #sign: 1 | -1
  readonly #compare: (a: Value, b: Value) => number

  constructor(count: number, { sign, collation }: Direction) {
    this.#sign = sign
    this.#compare = (a, b) => -sign * compareValues(a, b, collation)
    this.#values = new Ranking(count, this.#compare)
  }

  add(value: Result): void {
    if (!isNullish(value)) this.#values.add(value)
  }

  /** Those that came first are kept; of equal ones the greatest begin with the latest. */
  result(): Result {
    const kept = this.#values.sorted()
    return this.#sign === 1 ? kept.reverse().sort(this.#compare) : kept
  }
}

/** Keeps the first values of an order; of equal ones those that came first. */
export class Ranking {
  readonly #count: number
  readonly #compare: (a: Value, b: Value) => number
  #kept: Value[] = []

  constructor(count: number, compare: (a: Value, b: Value) => number) {
    this.#count = count
    this.#compare = compare
  }

  add(value: Value): void {
    this.#kept.push(value)
    if (this.#kept.length >= 2 * this.#count + 64) this.#kept = this.sorted()
  }

  sorted(): Value[] {
    return this.#kept.sort(this.#compare).slice(0, this.#count)
  }
}
