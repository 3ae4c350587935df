// Computes the numbers that MongoDB's hashed indexes keep, for $toHashedIndexKey.
import { createHash, type Hash } from 'node:crypto'
import { Code } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { encodeValue } from '../bson/encode.ts'
import { isNumber, type NumberValue, toDouble, truncated } from '../values/numbers.ts'

/** Types that compare with each other hash alike, so a type counts by its place in the order of types. */
const CANONICAL: Readonly<Record<number, number>> = {
  1: 10,
  2: 15,
  3: 20,
  4: 25,
  5: 30,
  6: 0,
  7: 35,
  8: 40,
  9: 45,
  10: 5,
  11: 50,
  12: 55,
  13: 60,
  14: 15,
  15: 65,
  16: 10,
  17: 47,
  18: 10,
  19: 10,
  127: 127,
  255: -1,
}

/** A missing value hashes as null does. */
export function hashedKey(value: Value | undefined): bigint {
  const hash = createHash('md5').update(int32Bytes(0))
  add(hash, value ?? null)
  return hash.digest().readBigInt64LE(0)
}

function add(hash: Hash, value: Value, name?: string): void {
  const { type, bytes } = encodeValue(value)
  hash.update(int32Bytes(CANONICAL[type]!))
  if (name !== undefined) hash.update(`${name}\0`)
  if (isNumber(value)) hash.update(int64Bytes(wholeOf(value)))
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) add(hash, item, String(index))
  else if (value instanceof Map) for (const [field, item] of value) add(hash, item, field)
  else if (value instanceof Code && (value.scope as unknown) instanceof Map) addScoped(hash, value)
  else hash.update(bytes)
}

function addScoped(hash: Hash, code: Code): void {
  hash.update(`${code.code}\0`)
  for (const [field, item] of code.scope as unknown as Map<string, Value>) add(hash, item, field)
}

const LARGEST = 2n ** 63n - 1n

/** Fractions are cut off, and what is too large counts as the largest. */
function wholeOf(value: NumberValue): bigint {
  const whole = truncated(value)
  if (whole === undefined) return nonFinite(value)
  return whole > LARGEST ? LARGEST : whole < -LARGEST - 1n ? -LARGEST - 1n : whole
}

function nonFinite(value: NumberValue): bigint {
  const double = toDouble(value)
  if (Number.isNaN(double)) return 0n
  return double > 0 ? LARGEST : -LARGEST - 1n
}

function int32Bytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32LE(value)
  return bytes
}

function int64Bytes(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64LE(value)
  return bytes
}
