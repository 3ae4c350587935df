// Measures how two values vary together: $covariancePop, $covarianceSamp.
import { isNumber, toDouble } from '../../values/numbers.ts'
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
  readonly #pairs: (readonly [number, number])[] = []

  constructor(less: number) {
    this.#less = less
  }

  add(pair: Result): void {
    const [x, y] = pair as Result[]
    if (isNumber(x) && isNumber(y)) this.#pairs.push([toDouble(x), toDouble(y)])
  }

  /** Two passes, first the means: more exact than one. */
  result(): Result {
    const count = this.#pairs.length
    if (count <= this.#less) return null
    const meanX = this.#pairs.reduce((sum, [x]) => sum + x, 0) / count
    const meanY = this.#pairs.reduce((sum, [, y]) => sum + y, 0) / count
    return this.#pairs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / (count - this.#less)
  }
}
