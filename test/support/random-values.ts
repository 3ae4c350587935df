// Makes random values of all BSON types, from a seed, for property tests.
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { type Document, int32, UNDEFINED, type Value } from '../../src/embedded/bson/decode.ts'

/** Gives numbers in [0, 1) that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export type Random = () => number

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!
}

const NUMBERS: readonly Value[] = [
  ...[0, 1, -1, 2, 255, 256, 1000, -1000, 2147483647, -2147483648].map(int32),
  ...[0, -0, 0.5, -0.5, 0.1, 1e-300, 5e-324, -5e-324, 1e300, 1.7976931348623157e308, 2 ** 53, 2 ** 63, -(2 ** 63)],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e22, 123456789.125],
  ...[0n, 1n, -1n, 9007199254740993n, 9007199254740992n, -9007199254740993n, 9223372036854775807n],
  ...[-9223372036854775808n, 9223372036854775806n, 1000n],
  ...[
    '0',
    '-0',
    '1',
    '1.0',
    '0.1',
    '0.10000000000000000',
    '0.1000000000000000055511151231257827',
    'NaN',
    'Infinity',
  ].map(decimal),
  ...['-Infinity', '1E+6000', '-1E+6000', '1E-6000', '-1E-6000', '9007199254740993', '9223372036854775807.5'].map(
    decimal,
  ),
  ...['0.3', '0.30000000000000001', '1.000000000000000000000000000000001', '1.7976931348623157E+308'].map(decimal),
  ...['1.7976931348623158E+308', '5E-324', '4.9E-324', '2E-324', '1E+22', '0E+6000', '1000', '1E+3'].map(decimal),
]

function decimal(text: string): Decimal128 {
  return Decimal128.fromString(text)
}

const LETTERS = [
  '',
  'a',
  'b',
  'z',
  'A',
  '\0',
  '\x01',
  '\x02',
  'é',
  'ß',
  '\u07ff',
  '\u0800',
  '\uffff',
  '\ue000',
  '😀',
  '\u{10ffff}',
  '\x7f',
]
const NAMES = ['a', 'b', 'c', '', 'é', 'ab', '1', '0', '$x', '\u{10ffff}', '\uffff', '\x01']

function randomString(random: Random): string {
  const length = random() < 0.002 ? 3000 : Math.floor(random() * 4)
  let text = ''
  for (let i = 0; i < length; i++) text += pick(random, LETTERS)
  return text
}

export function randomNumber(random: Random): Value {
  const kind = random()
  if (kind < 0.5) return pick(random, NUMBERS)
  if (kind < 0.6) return int32(Math.floor(random() * 20) - 10)
  if (kind < 0.7) return (random() - 0.5) * 10 ** Math.floor(random() * 600 - 300)
  if (kind < 0.8)
    return BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 32)) * BigInt(Math.floor(random() * 2 ** 32)))
  return decimal(`${random() < 0.5 ? '-' : ''}${digits(random)}E${Math.floor(random() * 12) - 6}`)
}

function digits(random: Random): string {
  const length = 1 + Math.floor(random() * 33)
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}

/** Gives a value of any type; documents and arrays only when depth is left. */
export function randomValue(random: Random, depth = 2): Value {
  const kind = Math.floor(random() * (depth > 0 ? 26 : 20))
  if (kind < 6) return randomNumber(random)
  if (kind < 10) return randomString(random)
  if (kind < 23) return randomScalar(random, kind)
  const length = Math.floor(random() * 4)
  if (kind < 24) return Array.from({ length }, () => randomValue(random, depth - 1))
  return new Map(Array.from({ length }, () => [pick(random, NAMES), randomValue(random, depth - 1)])) as Document
}

function randomScalar(random: Random, kind: number): Value {
  switch (kind) {
    case 10:
      return random() < 0.5
    case 11:
      return null
    case 12:
      return UNDEFINED
    case 13:
      return new Date(pick(random, [0, 1, -1, 1.6e12, -8.64e15, 8.64e15]))
    case 14:
      return new ObjectId(pick(random, ['0', '1', 'f', '8']).repeat(24))
    case 15:
      return new Binary(Buffer.from(randomString(random)), pick(random, [0, 4, 5, 128, 255]))
    case 16:
      return new BSONRegExp(pick(random, ['', 'a', 'a.*', 'b', '^é']), pick(random, ['', 'i', 'im']))
    case 17:
      return new Timestamp({ t: pick(random, [0, 1, 4294967295, 2147483648]), i: pick(random, [0, 1, 4294967295]) })
    case 18:
      return pick(random, [new MinKey(), new MaxKey()])
    case 19:
      return new BSONSymbol(randomString(random))
    default:
      return random() < 0.8 ? new Code(randomString(random)) : randomNumber(random)
  }
}
