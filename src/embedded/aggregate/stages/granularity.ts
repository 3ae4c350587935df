// Rounds borders of $bucketAuto to preferred numbers: Renard and E series, 1-2-5, powers of two.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import type { Result } from '../operator.ts'

export interface Granularity {
  /** the least preferred number above a value */
  above(value: Value): Value
  /** the greatest preferred number below a value */
  below(value: Value): Value
}

const renard80 =
  '100 103 106 109 112 115 118 122 125 128 132 136 140 145 150 155 160 165 170 175 180 185 190 195 200 206 212 218 224 230 236 243 250 258 265 272 280 290 300 307 315 325 335 345 355 365 375 387 400 412 425 437 450 462 475 487 500 515 530 545 560 580 600 615 630 650 670 690 710 730 750 775 800 825 850 875 900 925 950 975'
    .split(' ')
    .map(Number)
const e24 = '10 11 12 13 15 16 18 20 22 24 27 30 33 36 39 43 47 51 56 62 68 75 82 91'.split(' ').map(Number)

const series: Readonly<Record<string, readonly number[]>> = {
  R5: every(renard80, 16),
  R10: every(renard80, 8),
  R20: every(renard80, 4),
  R40: every(renard80, 2),
  R80: renard80,
  '1-2-5': [10, 20, 50],
  E6: every(e24, 4),
  E12: every(e24, 2),
  E24: e24,
  E48: geometric(48),
  E96: geometric(96),
  E192: geometric(192),
}

export function granularityOf(name: Result): Granularity | undefined {
  if (name === undefined) return undefined
  if (typeof name !== 'string') throw new CommandError(40261, "The $bucketAuto 'granularity' field must be a string")
  if (name === 'POWERSOF2') return powersOfTwo
  if (Object.hasOwn(series, name)) return preferred(series[name]!)
  throw new CommandError(40257, `Unknown rounding granularity '${name}'`)
}

function every(numbers: readonly number[], step: number): number[] {
  return numbers.filter((_, at) => at % step === 0)
}

/** Three digits of a geometric series within a decade; 9.19 of E192 is 9.20 by the standard. */
function geometric(count: number): number[] {
  return Array.from({ length: count }, (_, at) => {
    const number = Math.round(100 * 10 ** (at / count))
    return number === 919 ? 920 : number
  })
}

const powersOfTwo: Granularity = {
  above: value => {
    const number = numberIn(value)
    return number === 0 ? value : 2 ** (Math.floor(Math.log2(number)) + 1)
  },
  below: value => {
    const number = numberIn(value)
    return number === 0 ? value : 2 ** (Math.ceil(Math.log2(number)) - 1)
  },
}

function preferred(decade: readonly number[]): Granularity {
  const candidates = (number: number) => {
    const exponent = Math.floor(Math.log10(number)) - Math.floor(Math.log10(decade[0]!))
    return [exponent - 1, exponent, exponent + 1].flatMap(power => decade.map(digits => Number(`${digits}e${power}`)))
  }
  return {
    above: value => {
      const number = numberIn(value)
      return number === 0 ? value : candidates(number).find(candidate => candidate > number)!
    },
    below: value => {
      const number = numberIn(value)
      return number === 0 ? value : candidates(number).findLast(candidate => candidate < number)!
    },
  }
}

function numberIn(value: Value): number {
  return isNumber(value) ? toDouble(value) : Number.NaN
}
