// Adds up numbers: $sum, $avg, $count, without losing digits of doubles on the way.
import { Int32 } from 'mongodb'
import { int32 } from '../../bson/decode.ts'
import { add, isInt64, isNumber, type NumberValue, narrowest, toDouble } from '../../values/numbers.ts'
import type { Result } from '../operator.ts'
import { DoubleSum } from './double-sum.ts'
import type { Tally } from './tally.ts'

type Kind = 'int' | 'long' | 'double' | 'decimal'

const exactLimit = 2 ** 52

/** A total of numbers of all types; others are passed over. */
export class Sum implements Tally {
  count = 0
  #kind: Kind = 'int'
  /** integers before the first double, as long as they are exact in a double */
  #small = 0
  #large = 0n
  #doubles: DoubleSum | undefined
  #decimal: NumberValue | undefined

  add(value: Result): void {
    if (value instanceof Int32) this.#addInteger(value.value)
    else if (typeof value === 'number') this.#addDouble(value)
    else if (isNumber(value)) this.#addWide(value)
    else return
    this.count++
  }

  result(): NumberValue {
    if (this.#kind === 'int')
      return Math.abs(this.#small) < 2 ** 31 && this.#large === 0n ? int32(this.#small) : narrowest(this.#integers())
    if (this.#kind === 'long') return isInt64(this.#integers()) ? this.#integers() : Number(this.#integers())
    if (this.#kind === 'double') return this.total()
    return add(this.#decimal!, this.#doubles ? this.#doubles.decimal() : narrowest(this.#integers()))
  }

  /** Always a double, decimals included: the reference engine's answer, which the fidelity cases pin. */
  average(): number | null {
    if (this.count === 0) return null
    return (this.#kind === 'decimal' ? toDouble(this.result()) : this.total()) / this.count
  }

  /** The total without decimals as a double. */
  total(): number {
    if (this.#doubles) return this.#doubles.total()
    return this.#large === 0n ? this.#small : Number(this.#integers())
  }

  #addInteger(value: number): void {
    if (this.#doubles) {
      this.#doubles.addInteger(BigInt(value))
      return
    }
    this.#small += value
    if (Math.abs(this.#small) < exactLimit) return
    this.#large += BigInt(this.#small)
    this.#small = 0
  }

  #addDouble(value: number): void {
    if (this.#kind !== 'decimal') this.#kind = 'double'
    this.#doubles ??= new DoubleSum(this.#integers())
    this.#doubles.add(value)
  }

  #addWide(value: NumberValue): void {
    if (typeof value === 'bigint') {
      if (this.#kind === 'int') this.#kind = 'long'
      if (this.#doubles) this.#doubles.addInteger(value)
      else this.#large += value
      return
    }
    this.#kind = 'decimal'
    this.#decimal = this.#decimal === undefined ? value : add(this.#decimal, value)
  }

  #integers(): bigint {
    return this.#large + BigInt(this.#small)
  }
}

export class Average implements Tally {
  readonly #sum = new Sum()

  add(value: Result): void {
    this.#sum.add(value)
  }

  result(): Result {
    return this.#sum.average()
  }
}

/** The spread of numbers by Welford's method; of a sample, it is divided by one less. */
export class Deviation implements Tally {
  readonly #sample: number
  #count = 0
  #mean = 0
  #squares = 0

  constructor(kind: 'population' | 'sample') {
    this.#sample = kind === 'sample' ? 1 : 0
  }

  add(value: Result): void {
    if (!isNumber(value)) return
    const double = toDouble(value)
    const delta = double - this.#mean
    this.#count++
    this.#mean += delta / this.#count
    this.#squares += delta * (double - this.#mean)
  }

  result(): Result {
    const divisor = this.#count - this.#sample
    return divisor > 0 ? Math.sqrt(this.#squares / divisor) : null
  }
}
