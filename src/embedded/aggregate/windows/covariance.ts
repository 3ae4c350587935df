// Measures how two series of numbers move together: $covariancePop, $covarianceSamp.
import { Decimal128 } from 'mongodb'
import { divide, isNumber, multiply, type NumberValue, subtract, toDouble } from '../../values/numbers.ts'
import { Sum } from '../accumulators/sums.ts'
import type { Accumulation, Tally } from '../accumulators/tally.ts'
import type { Evaluate, Result } from '../operator.ts'

/** Of anything but two numbers nothing is counted. */
export function covariance(input: Evaluate, kind: 'population' | 'sample'): Accumulation {
  return { input, create: () => new Covariance(kind === 'sample' ? 1 : 0) }
}

/** In one pass: each pair moves both means, and adds its distances from them. */
class Covariance implements Tally {
  readonly #less: number
  readonly #x = new Sum()
  readonly #y = new Sum()
  readonly #products = new Sum()

  constructor(less: number) {
    this.#less = less
  }

  add(pair: Result): void {
    if (!Array.isArray(pair) || pair.length !== 2) return
    const [x, y] = pair
    if (!isNumber(x) || !isNumber(y)) return
    if (!Number.isFinite(toDouble(x)) || !Number.isFinite(toDouble(y))) {
      this.#products.add(toDouble(multiply(x, y)))
      return
    }
    const fromMean = this.#x.count === 0 ? undefined : subtract(x, mean(this.#x))
    this.#x.add(x)
    this.#y.add(y)
    if (fromMean !== undefined) this.#products.add(multiply(fromMean, subtract(y, mean(this.#y))))
  }

  result(): Result {
    const count = this.#x.count
    if (count === 1 && this.#less === 0) return 0
    if (count <= this.#less) return null
    const products = this.#products.result()
    return products instanceof Decimal128
      ? divide(products, count - this.#less)
      : toDouble(products) / (count - this.#less)
  }
}

function mean(sum: Sum): NumberValue {
  return divide(sum.result(), sum.count)
}
