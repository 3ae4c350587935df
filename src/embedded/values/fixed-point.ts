// Computes roots, logarithms, powers and angles with a hundred digits behind the point, in big integers.

const DIGITS = 100
/** What stands for the number 1. */
export const ONE = 10n ** BigInt(DIGITS)

/** Gives coefficient * 10^exponent, without the digits that are too small. */
export function fixed(coefficient: bigint, exponent: number): bigint {
  const shift = exponent + DIGITS
  return shift >= 0 ? coefficient * 10n ** BigInt(shift) : coefficient / 10n ** BigInt(-shift)
}

/** The exponent of ten under which the integers of this file are decimals. */
export const FIXED_EXPONENT = -DIGITS

export function times(a: bigint, b: bigint): bigint {
  return (a * b) / ONE
}

export function over(a: bigint, b: bigint): bigint {
  return (a * ONE) / b
}

/** The greatest integer whose square is not above n. */
export function integerRoot(n: bigint): bigint {
  if (n < 2n) return n
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

export function root(x: bigint): bigint {
  return integerRoot(x * ONE)
}

/** The natural logarithm of a number above zero. */
export function naturalLog(x: bigint): bigint {
  let twos = 0n
  let near = x
  for (; near > (ONE * 3n) / 2n; twos++) near /= 2n
  for (; near < (ONE * 3n) / 4n; twos--) near *= 2n
  return 2n * areaTangent(over(near - ONE, near + ONE)) + twos * ln2()
}

export function ln10(): bigint {
  ten ??= naturalLog(10n * ONE)
  return ten
}

const HALVINGS = 16n

/** e to the power of a small number. */
export function exponential(x: bigint): bigint {
  const small = x >> HALVINGS
  let term = ONE
  let sum = ONE
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = times(term, small) / n
    sum += term
  }
  for (let n = 0n; n < HALVINGS; n++) sum = times(sum, sum)
  return sum
}

/** Pi with the usual digits, or with more where an angle is large. */
export function pi(digits = 0): bigint {
  const unit = ONE * 10n ** BigInt(digits)
  if (digits > 0) return machin(unit)
  circle ??= machin(unit)
  return circle
}

/** Sine and cosine of an angle between -2 pi and 2 pi. */
export function sineAndCosine(x: bigint): readonly [sine: bigint, cosine: bigint] {
  let [sine, cosine, term] = [0n, 0n, ONE]
  for (let n = 0n; term !== 0n && term !== -1n; n++) {
    const sign = n % 4n < 2n ? 1n : -1n
    if (n % 2n === 0n) cosine += sign * term
    else sine += sign * term
    term = times(term, x) / (n + 1n)
  }
  return [sine, cosine]
}

/** The angle of a tangent. */
export function arcTangent(x: bigint): bigint {
  if (x < 0n) return -arcTangent(-x)
  if (x > ONE) return pi() / 2n - arcTangent(over(ONE, x))
  let near = x
  for (let halving = 0; halving < 3; halving++) near = over(near, ONE + root(ONE + times(near, near)))
  return 8n * alternating(near, -1n)
}

let two: bigint | undefined
let ten: bigint | undefined
let circle: bigint | undefined

function ln2(): bigint {
  two ??= 2n * areaTangent(ONE / 3n)
  return two
}

function areaTangent(x: bigint): bigint {
  return alternating(x, 1n)
}

/** x + s x^3/3 + x^5/5 + s x^7/7 …: the inverse hyperbolic tangent, or with s = -1 the inverse tangent. */
function alternating(x: bigint, sign: 1n | -1n): bigint {
  const square = times(x, x) * sign
  let power = x
  let sum = 0n
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += power / n
    power = times(power, square)
  }
  return sum
}

function machin(unit: bigint): bigint {
  return 4n * (4n * inverseAngle(5n, unit) - inverseAngle(239n, unit))
}

function inverseAngle(n: bigint, unit: bigint): bigint {
  let power = unit / n
  let sum = 0n
  for (let odd = 1n, sign = 1n; power !== 0n; odd += 2n, sign = -sign) {
    sum += (sign * power) / odd
    power /= n * n
  }
  return sum
}
