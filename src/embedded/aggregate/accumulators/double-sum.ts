// Adds doubles as MongoDB does: the rounded sum beside what the rounding took off it.
import type { Decimal128 } from 'mongodb'
import { addDecimals, exactDecimal, storedDecimal } from '../../values/decimal.ts'

/** Integers are added without loss, too; infinities and NaN count as in plain addition. */
export class DoubleSum {
  #sum: number
  #rest: number
  #plain: number

  constructor(start: bigint) {
    this.#sum = Number(start)
    this.#rest = Number(start - BigInt(this.#sum))
    this.#plain = this.#sum
  }

  add(value: number): void {
    this.#plain += value
    const near = value + this.#rest
    const far = this.#rest - (near - value)
    const sum = this.#sum + near
    const before = sum - near
    this.#rest = far + (this.#sum - before + (near - (sum - before)))
    this.#sum = sum
  }

  /** In two halves, each of them exact in a double. */
  addInteger(value: bigint): void {
    const high = (value / HALF) * HALF
    this.add(Number(value - high))
    this.add(Number(high))
  }

  total(): number {
    return Number.isNaN(this.#sum) ? this.#plain : this.#sum
  }

  decimal(): Decimal128 {
    if (!Number.isFinite(this.#sum)) return storedDecimal(exactDecimal(this.#plain))
    return storedDecimal(addDecimals(exactDecimal(this.#sum), exactDecimal(this.#rest)))
  }
}

const HALF = 1n << 32n
