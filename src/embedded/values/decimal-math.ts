// Computes roots, logarithms, powers and angles of decimals to 34 digits.
import { Decimal128 } from 'mongodb'
import { type Decimal, decimalOf, shorten, storedDecimal } from './decimal.ts'
import {
  arcTangent,
  exponential,
  FIXED_EXPONENT,
  fixed,
  integerRoot,
  ln10,
  naturalLog,
  ONE,
  over,
  pi,
  root,
  sineAndCosine,
  times,
} from './fixed-point.ts'

export type DecimalFunction = (x: Decimal128) => Decimal128

/** A function of a decimal by a function of doubles, for what is no ordinary number. */
function ordinary(compute: (x: Decimal) => Decimal, special: (double: number) => number): DecimalFunction {
  return stored => {
    const x = decimalOf(stored)
    return x.special === '' ? storedDecimal(compute(x)) : fromDouble(special(Number(stored.toString())))
  }
}

function fromDouble(double: number): Decimal128 {
  if (Number.isNaN(double)) return Decimal128.fromString('NaN')
  if (Number.isFinite(double)) return Decimal128.fromString(Object.is(double, -0) ? '-0' : String(double))
  return Decimal128.fromString(double > 0 ? 'Infinity' : '-Infinity')
}

export const squareRoot = ordinary(x => {
  if (x.coefficient === 0n) return x
  const exponent = x.exponent - 80 - (x.exponent % 2 === 0 ? 0 : 1)
  const square = x.coefficient * 10n ** BigInt(x.exponent - exponent)
  const found = integerRoot(square)
  const exact = decimal(found, exponent / 2)
  return found * found === square ? shorten(exact, Math.trunc(x.exponent / 2)) : exact
}, Math.sqrt)

export const exponentialOf = ordinary(x => {
  if (isZero(x)) return decimal(1n, 0)
  const order = orderOf(x)
  if (order > 6) return x.negative ? decimal(0n, -6176) : INFINITE
  return order < -50 ? decimal(10n ** 33n, -33) : powerOfE(fixedOf(x))
}, Math.exp)

/** The natural logarithm of a decimal above zero. */
export const logarithmOf = ordinary(x => (isOne(x) ? decimal(0n, 0) : unfixed(logarithm(x))), Math.log)

export const logarithm10Of = ordinary(x => whole(over(logarithm(x), ln10())), Math.log10)

/** The logarithm to a base; both are above zero, and the base is not one. */
export function logarithmTo(base: Decimal128, x: Decimal128): Decimal128 {
  const [bottom, top] = [decimalOf(base), decimalOf(x)]
  if (bottom.special !== '' || top.special !== '')
    return fromDouble(Math.log(Number(x.toString())) / Math.log(Number(base.toString())))
  return storedDecimal(whole(over(logarithm(top), logarithm(bottom))))
}

/** A power; a negative base takes whole exponents only. */
export function powerOf(base: Decimal128, exponent: Decimal128): Decimal128 {
  const [x, y] = [decimalOf(base), decimalOf(exponent)]
  const isSpecial = x.special !== '' || y.special !== '' || isZero(x)
  if (isSpecial) return fromDouble(Number(base.toString()) ** Number(exponent.toString()))
  const integer = wholeOf(y)
  if (x.negative && integer === undefined) return fromDouble(Number.NaN)
  if (orderOf(y) > 9) return fromDouble(Number(base.toString()) ** Number(exponent.toString()))
  const log = logarithm({ ...x, negative: false })
  const size = powerOfE(times(log, fixedOf(y)))
  return storedDecimal({ ...size, negative: x.negative && integer! % 2n !== 0n })
}

export const sineOf = ordinary(x => (orderOf(x) < -30 ? x : unfixed(turned(x)[0])), Math.sin)
export const cosineOf = ordinary(x => unfixed(turned(x)[1]), Math.cos)
export const tangentOf = ordinary(x => {
  const [sine, cosine] = turned(x)
  return orderOf(x) < -30 ? x : unfixed(over(sine, cosine))
}, Math.tan)
export const arcSineOf = ordinary(x => (orderOf(x) < -30 ? x : unfixed(arcSine(fixedOf(x)))), Math.asin)
export const arcCosineOf = ordinary(x => unfixed(pi() / 2n - arcSine(fixedOf(x))), Math.acos)
export const arcTangentOf: DecimalFunction = stored => {
  const x = decimalOf(stored)
  if (x.special === 'Infinity') return quarterTurn(x)
  if (x.special === 'NaN' || orderOf(x) < -30) return stored
  return storedDecimal(unfixed(angleOf(x)))
}

/** The angle of a point. */
export function arcTangentTo(y: Decimal128, x: Decimal128): Decimal128 {
  const [up, right] = [decimalOf(y), decimalOf(x)]
  const isPlain = up.special === '' && right.special === '' && !isZero(up) && !isZero(right)
  if (!isPlain || Math.abs(orderOf(up) - orderOf(right)) > 60) return axis(y, x)
  const shift = -Math.max(up.exponent, right.exponent)
  const angle = arcTangent(over(fixedOf(moved(up, shift)), fixedOf(moved(right, shift))))
  return storedDecimal(unfixed(right.negative ? angle + (up.negative ? -pi() : pi()) : angle))
}

export const sineHyperbolicOf = ordinary(x => hyperbolic(x, (up, down) => up - down), Math.sinh)
export const cosineHyperbolicOf = ordinary(x => hyperbolic(x, (up, down) => up + down), Math.cosh)
export const tangentHyperbolicOf = ordinary(x => {
  if (orderOf(x) < -30) return x
  if (orderOf(x) > 2) return decimal(x.negative ? -1n : 1n, 0)
  const up = exponential(2n * fixedOf(x))
  return unfixed(over(up - ONE, up + ONE))
}, Math.tanh)
export const areaSineOf = ordinary(x => {
  if (orderOf(x) < -30) return x
  const size = logarithmOfSum({ ...x, negative: false }, ONE)
  return unfixed(x.negative ? -size : size)
}, Math.asinh)
export const areaCosineOf = ordinary(x => (isOne(x) ? decimal(0n, 0) : unfixed(logarithmOfSum(x, -ONE))), Math.acosh)
export const areaTangentOf = ordinary(x => {
  if (orderOf(x) < -30) return x
  const value = fixedOf(x)
  if (value === ONE || value === -ONE) return { ...INFINITE, negative: x.negative }
  return unfixed(naturalLog(over(ONE + value, ONE - value)) / 2n)
}, Math.atanh)

export const radiansOf = ordinary(
  x => scaled(x, pi() / 180n),
  degrees => degrees,
)
export const degreesOf = ordinary(
  x => scaled(x, over(180n * ONE, pi())),
  radians => radians,
)

const INFINITE: Decimal = { special: 'Infinity', negative: false, coefficient: 0n, exponent: 0 }

function decimal(signed: bigint, exponent: number): Decimal {
  return { special: '', negative: signed < 0n, coefficient: signed < 0n ? -signed : signed, exponent }
}

function unfixed(value: bigint): Decimal {
  return value === 0n ? decimal(0n, 0) : decimal(value, FIXED_EXPONENT)
}

function isZero(x: Decimal): boolean {
  return x.coefficient === 0n
}

function isOne(x: Decimal): boolean {
  return !x.negative && fixedOf(x) === ONE && wholeOf(x) === 1n
}

/** The power of ten of the first digit. */
function orderOf(x: Decimal): number {
  return x.coefficient === 0n ? Number.NEGATIVE_INFINITY : x.exponent + x.coefficient.toString().length - 1
}

function fixedOf(x: Decimal): bigint {
  return fixed(x.negative ? -x.coefficient : x.coefficient, x.exponent)
}

function moved(x: Decimal, by: number): Decimal {
  return { ...x, exponent: x.exponent + by }
}

/** The integer that a decimal is, if it is one of a sensible size. */
function wholeOf(x: Decimal): bigint | undefined {
  const { coefficient, exponent } = shorten(x)
  if (exponent < 0 || exponent > 40) return undefined
  return (x.negative ? -coefficient : coefficient) * 10n ** BigInt(exponent)
}

function logarithm(x: Decimal): bigint {
  const order = orderOf(x)
  return naturalLog(fixedOf(moved(x, -order))) + BigInt(order) * ln10()
}

function powerOfE(x: bigint): Decimal {
  const tens = x / ln10()
  if (tens > 7000n) return INFINITE
  if (tens < -7000n) return decimal(0n, -6176)
  return moved(unfixed(exponential(x - tens * ln10())), Number(tens))
}

/** A logarithm that is within the last digits of an integer is that integer. */
function whole(value: bigint): Decimal {
  const half = value < 0n ? -ONE / 2n : ONE / 2n
  const nearest = (value + half) / ONE
  const rest = value - nearest * ONE
  const isWhole = rest < 10n ** 40n && rest > -(10n ** 40n)
  return isWhole ? decimal(nearest, 0) : unfixed(value)
}

/** Sine and cosine, of an angle brought into one turn. */
function turned(x: Decimal): readonly [sine: bigint, cosine: bigint] {
  const extra = Math.max(0, orderOf(x))
  if (extra === 0) return sineAndCosine(fixedOf(x))
  const scale = 10n ** BigInt(extra)
  const angle = fixed(x.negative ? -x.coefficient : x.coefficient, x.exponent + extra)
  return sineAndCosine((angle % (2n * pi(extra))) / scale)
}

function arcSine(x: bigint): bigint {
  if (x === ONE || x === -ONE) return (x > 0n ? pi() : -pi()) / 2n
  return arcTangent(over(x, root(ONE - times(x, x))))
}

function quarterTurn({ negative }: Decimal): Decimal128 {
  return storedDecimal(unfixed((negative ? -pi() : pi()) / 2n))
}

function angleOf(x: Decimal): bigint {
  if (orderOf(x) > 60) return (x.negative ? -pi() : pi()) / 2n
  return arcTangent(fixedOf(x))
}

/** Angles on the axes, and those so near that they are the same to 34 digits. */
function axis(y: Decimal128, x: Decimal128): Decimal128 {
  const angle = Math.atan2(Number(y.toString()), Number(x.toString()))
  const eighths = Math.round((angle / Math.PI) * 4)
  const isOnAxis = Math.abs(angle - (eighths * Math.PI) / 4) < 1e-15
  if (!isOnAxis || eighths === 0) return fromDouble(angle)
  return storedDecimal(unfixed((pi() * BigInt(eighths)) / 4n))
}

function hyperbolic(x: Decimal, combine: (up: bigint, down: bigint) => bigint): Decimal {
  if (orderOf(x) < -30) return combine(0n, 1n) < 0n ? x : decimal(10n ** 33n, -33)
  if (orderOf(x) > 6) return { ...INFINITE, negative: combine(0n, 1n) < 0n && x.negative }
  if (orderOf(x) > 1) {
    const size = powerOfE(fixedOf({ ...x, negative: false }))
    const half: Decimal = { ...size, coefficient: size.coefficient * 5n, exponent: size.exponent - 1 }
    return { ...half, negative: combine(0n, 1n) < 0n && x.negative }
  }
  const up = exponential(fixedOf(x))
  return unfixed(combine(up, over(ONE, up)) / 2n)
}

/** ln(x + sqrt(x² ± 1)), which is ln(2x) for large numbers. */
function logarithmOfSum(x: Decimal, one: bigint): bigint {
  if (orderOf(x) > 40) return logarithm(x) + naturalLog(2n * ONE)
  const value = fixedOf(x)
  return naturalLog(value + root(times(value, value) + one))
}

function scaled(x: Decimal, factor: bigint): Decimal {
  const product = (x.negative ? -1n : 1n) * x.coefficient * factor
  return decimal(product, x.exponent + FIXED_EXPONENT)
}
