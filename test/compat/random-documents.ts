// Makes random documents and filters as plain objects, of all BSON types, for questions to two servers.
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb'
import { pick, type Random } from '../support/random-values.ts'

export type Plain = Readonly<Record<string, unknown>>

const FIELDS = ['a', 'b', 'c'] as const
const PATHS = ['a', 'b', 'c', 'a.x', 'a.y', 'b.x', 'c.x.y', 'a.0', 'a.1.x', 'b.x.0', 'missing', '_id'] as const
const WORDS = ['', 'a', 'ab', 'abc', 'b', 'A', 'é', 'z y', '5']

const RARE: readonly unknown[] = [
  new Double(Number.NaN),
  new Double(Number.POSITIVE_INFINITY),
  new Double(-0),
  Long.fromString('9007199254740993'),
  Long.fromString('-9223372036854775808'),
  Decimal128.fromString('0.1'),
  Decimal128.fromString('3.0'),
  Decimal128.fromString('NaN'),
  new ObjectId('65a000000000000000000001'),
  new ObjectId('ffffffffffffffffffffffff'),
  new Date(0),
  new Date('2024-02-29T12:00:00Z'),
  new Timestamp({ t: 5, i: 6 }),
  new Binary(Buffer.from('ab'), 0),
  new Binary(Buffer.from('ab'), 5),
  new BSONRegExp('a.b', 'i'),
  new Code('x'),
  new MinKey(),
  new MaxKey(),
]

export function chance(random: Random, share: number): boolean {
  return random() < share
}

export function times<Item>(random: Random, [least, most]: readonly [number, number], make: () => Item): Item[] {
  return Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, make)
}

function randomNumber(random: Random): unknown {
  const small = Math.floor(random() * 9) - 2
  const kind = random()
  if (kind < 0.6) return new Int32(small)
  if (kind < 0.75) return new Double(small + pick(random, [0, 0.5, 0.25]))
  if (kind < 0.88) return Long.fromNumber(small)
  return Decimal128.fromString(`${small}${pick(random, ['', '.5', '.0'])}`)
}

function randomScalar(random: Random): unknown {
  const kind = random()
  if (kind < 0.5) return randomNumber(random)
  if (kind < 0.7) return pick(random, WORDS)
  if (kind < 0.78) return null
  if (kind < 0.86) return chance(random, 0.5)
  return pick(random, RARE)
}

export function randomValue(random: Random, depth = 2): unknown {
  const kind = random()
  if (depth === 0 || kind < 0.6) return randomScalar(random)
  if (kind < 0.8) return times(random, [0, 3], () => randomValue(random, depth - 1))
  return randomFields(random, ['x', 'y', 'z'], depth - 1)
}

function randomFields(random: Random, names: readonly string[], depth: number): Plain {
  const present = names.filter(() => chance(random, 0.7))
  return Object.fromEntries(present.map(name => [name, randomValue(random, depth)]))
}

export function randomDocuments(random: Random, count: number): Plain[] {
  return Array.from({ length: count }, (_, _id) => ({ _id: new Int32(_id), ...randomFields(random, FIELDS, 2) }))
}

export function randomPath(random: Random): string {
  return pick(random, PATHS)
}

const TYPES = [
  'string',
  'number',
  'int',
  'double',
  'object',
  'array',
  'null',
  'bool',
  'date',
  'objectId',
  2,
  16,
  'decimal',
]

function condition(random: Random, depth: number): unknown {
  const kind = random()
  if (kind < 0.2) return randomValue(random, 1)
  if (kind < 0.45) {
    const names = ['$gt', '$gte', '$lt', '$lte', '$eq', '$ne'].filter(() => chance(random, 0.25))
    return Object.fromEntries((names.length > 0 ? names : ['$gte']).map(name => [name, randomValue(random, 1)]))
  }
  if (kind < 0.55) return { [pick(random, ['$in', '$nin'])]: times(random, [0, 3], () => randomValue(random, 1)) }
  if (kind < 0.6) return { $exists: chance(random, 0.6) }
  if (kind < 0.66)
    return { $type: chance(random, 0.7) ? pick(random, TYPES) : times(random, [1, 3], () => pick(random, TYPES)) }
  if (kind < 0.7) return { $size: new Int32(Math.floor(random() * 4)) }
  if (kind < 0.74) return { $mod: [new Int32(2 + Math.floor(random() * 3)), randomNumber(random)] }
  if (kind < 0.79) return { $regex: pick(random, ['^a', 'b$', 'A', '^$', '.']), $options: pick(random, ['', 'i', 's']) }
  if (kind < 0.83) return { $all: times(random, [0, 2], () => randomValue(random, 1)) }
  if (kind < 0.87)
    return { [pick(random, ['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear'])]: bits(random) }
  if (depth === 0) return randomScalar(random)
  if (kind < 0.91) return { $not: operators(random, depth - 1) }
  if (kind < 0.95) return { $elemMatch: operators(random, depth - 1) }
  return { $elemMatch: conditions(random, ['x', 'y', 'x.y'], depth - 1) }
}

function bits(random: Random): unknown {
  return chance(random, 0.5)
    ? new Int32(Math.floor(random() * 8))
    : times(random, [1, 2], () => new Int32(Math.floor(random() * 5)))
}

function operators(random: Random, depth: number): unknown {
  for (;;) {
    const made = condition(random, depth)
    if (isOperators(made)) return made
  }
}

function isOperators(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value)[0]?.startsWith('$') === true
}

function conditions(random: Random, paths: readonly string[], depth: number): Plain {
  return Object.fromEntries(times(random, [1, 2], () => [pick(random, paths), condition(random, depth)]))
}

export function randomFilter(random: Random, depth = 2): Plain {
  const kind = random()
  if (depth === 0 || kind < 0.75) return conditions(random, PATHS, depth)
  return {
    [pick(random, ['$and', '$or', '$nor'])]: times(random, [1, 3], () => randomFilter(random, depth - 1)),
    ...(chance(random, 0.4) ? conditions(random, PATHS, depth) : {}),
  }
}
