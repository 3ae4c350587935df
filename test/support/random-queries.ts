// Makes random documents, filters, sorts and indexes that speak of the same few paths.
import { BSONRegExp, Decimal128 } from 'mongodb'
import { type Document, int32, type Value } from '../../src/embedded/bson/decode.ts'
import { document } from '../../src/embedded/bson/literal.ts'
import { pick, type Random } from './random-values.ts'

const FIELDS = ['a', 'b', 'c', 'a.x', 'a.y', 'b.x', 'c.x.y', 'a.0', 'b.x.y']
const PATHS = ['_id', ...FIELDS]
const WORDS = ['', 'a', 'ab', 'abc', 'b', 'A', 'é']

function randomScalar(random: Random): Value {
  const kind = random()
  if (kind < 0.55) return int32(Math.floor(random() * 8))
  if (kind < 0.75) return pick(random, WORDS)
  if (kind < 0.8) return null
  if (kind < 0.84) return random() < 0.5
  if (kind < 0.88) return pick(random, [2.5, 3n, Number.NaN, Decimal128.fromString('3.5'), Decimal128.fromString('4')])
  if (kind < 0.92) return new Date(Math.floor(random() * 3))
  if (kind < 0.96) return document({ x: int32(Math.floor(random() * 3)) })
  return [int32(1), int32(Math.floor(random() * 3))]
}

function randomField(random: Random, depth: number): Value {
  const kind = random()
  if (kind < 0.55 || depth === 0) return randomScalar(random)
  const length = Math.floor(random() * 4)
  if (kind < 0.75) return Array.from({ length }, () => randomField(random, depth - 1))
  return randomFields(random, ['x', 'y'], depth - 1)
}

function randomFields(random: Random, names: readonly string[], depth: number): Document {
  const present = names.filter(() => random() < 0.75)
  return new Map(present.map(name => [name, randomField(random, depth)]))
}

export function randomDocument(random: Random, id: number): Document {
  return new Map([['_id', int32(id)], ...randomFields(random, ['a', 'b', 'c'], 2)])
}

function comparison(random: Random): Document {
  const names = ['$gt', '$gte', '$lt', '$lte', '$eq'].filter(() => random() < 0.35)
  return new Map((names.length === 0 ? ['$gte'] : names).map(name => [name, randomScalar(random)]))
}

function list(random: Random): Value[] {
  return Array.from({ length: Math.floor(random() * 4) }, () => randomScalar(random))
}

function condition(random: Random): Value {
  const kind = random()
  if (kind < 0.25) return randomScalar(random)
  if (kind < 0.55) return comparison(random)
  if (kind < 0.65) return document({ $in: list(random) })
  if (kind < 0.7) return document({ $exists: random() < 0.5 })
  if (kind < 0.75) return document({ $regex: pick(random, ['^a', '^ab?', 'b', '^$', '^\\w']) })
  if (kind < 0.79) return new BSONRegExp(pick(random, ['^a', '^A', 'b|a']), pick(random, ['', 'i']))
  if (kind < 0.83) return document({ $ne: randomScalar(random) })
  if (kind < 0.87) return document({ $all: [randomScalar(random), ...list(random)] })
  if (kind < 0.9) return document({ $not: comparison(random) })
  if (kind < 0.95) return document({ $elemMatch: comparison(random) })
  return document({ $elemMatch: conditions(random, ['x', 'y', 'x.y']) })
}

function conditions(random: Random, paths: readonly string[]): Document {
  const count = 1 + Math.floor(random() * 2.5)
  return new Map(Array.from({ length: count }, () => [pick(random, paths), condition(random)]))
}

export function randomFilter(random: Random, depth = 2): Document {
  const kind = random()
  if (kind < 0.06) return randomExpression(random)
  if (depth === 0 || kind < 0.7) return conditions(random, PATHS)
  const branches = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomFilter(random, depth - 1))
  const rest = random() < 0.5 ? conditions(random, PATHS) : []
  return new Map<string, Value>([[kind < 0.8 ? '$and' : '$or', branches], ...rest])
}

/** An $expr that compares a path with a value, perhaps beside a condition. */
function randomExpression(random: Random): Document {
  const sides = [`$${pick(random, PATHS)}`, document({ $literal: randomScalar(random) })]
  const constant = randomScalar(random)
  if (typeof constant !== 'object' || constant === null || random() < 0.5) sides[1] = constant as never
  const operator = random() < 0.7 ? '$eq' : pick(random, ['$ne', '$gt', '$lte'])
  const comparison: Document = new Map([[operator, random() < 0.5 ? sides : sides.toReversed()]])
  return new Map<string, Value>([
    ['$expr', random() < 0.7 ? comparison : new Map([['$and', [comparison, true]]])],
    ...(random() < 0.5 ? conditions(random, PATHS) : []),
  ])
}

function directions(random: Random, most: number, among: readonly string[]): Document {
  const paths = Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, among))
  return new Map(paths.map(path => [path, int32(random() < 0.5 ? 1 : -1)]))
}

export function randomSort(random: Random): Document {
  return directions(random, 2, PATHS)
}

/** Gives an entry of createIndexes. */
export function randomIndex(random: Random, name: string): Document {
  const kind = random()
  const isWildcard = kind > 0.85
  const spec: Document = new Map<string, Value>([
    [
      'key',
      isWildcard ? new Map([[pick(random, ['$**', 'a.$**', 'b.x.$**']), int32(1)]]) : directions(random, 3, FIELDS),
    ],
    ['name', name],
  ])
  if (kind < 0.2) spec.set('sparse', true)
  else if (kind < 0.4) spec.set('partialFilterExpression', partialFilter(random))
  else if (kind < 0.5) spec.set('collation', document({ locale: 'en', strength: 2 }))
  return spec
}

function partialFilter(random: Random): Document {
  const path = pick(random, FIELDS)
  const inner = pick(random, [
    document({ $exists: true }),
    document({ $gt: randomScalar(random) }),
    document({ $gte: int32(3), $lt: int32(6) }),
    document({ $in: [int32(1), 'a'] }),
    randomScalar(random),
  ])
  return new Map([[path, inner]])
}
