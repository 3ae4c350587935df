// Measures how two values vary together: $covariancePop, $covarianceSamp.
import { isNumber, toDouble } from '../../numbers.ts'
import type { Accumulation, Tally } from '../accumulators/tally.ts'
import type { Evaluate, Result } from '../operator.ts'

export function covariance(pair: readonly [Evaluate, Evaluate], kind: 'population' | 'sample'): Accumulation {
  const [first, second] = pair
  return {
    input: (root, variables) => [first(root, variables) ?? null, second(root, variables) ?? null],
    create: () => new Covariance(kind === 'sample' ? 1 : 0),
  }
}

class Covariance implements Tally {
  readonly #less: number
  #count = 0
  #meanX = 0
  #meanY = 0
  #product = 0

  constructor(less: number) {
    this.#less = less
  }

  add(pair: Result): void {
    const [x, y] = pair as Result[]
    if (!isNumber(x) || !isNumber(y)) return
    this.#count++
    const delta = toDouble(x) - this.#meanX
    this.#meanX += delta / this.#count
    this.#meanY += (toDouble(y) - this.#meanY) / this.#count
    this.#product += delta * (toDouble(y) - this.#meanY)
  }

  result(): Result {
    const divisor = this.#count - this.#less
    return divisor > 0 ? this.#product / divisor : null
  }
}
