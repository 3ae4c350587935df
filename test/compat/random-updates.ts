// Makes random updates: operators, replacements and pipelines, on documents of all types.
import { Decimal128, Double, Int32, Long } from 'mongodb'
import { pick, type Random } from '../support/random-values.ts'
import {
  chance,
  type Plain,
  randomDocuments,
  randomFilter,
  randomPath,
  randomValue,
  times,
} from './random-documents.ts'
import { anything } from './random-expressions.ts'

/** Documents on which both servers compute alike: the reference server counts booleans as numbers, and NaN as new. */
export function documentsToUpdate(random: Random, count: number): Plain[] {
  return randomDocuments(random, count)
    .map(one => plainly(one) as Plain)
    .filter(one => !JSON.stringify(one).includes('NaN'))
}

function plainly(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map(plainly)
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, plainly(inner)]))
}

/** One statement of an update command. */
export interface Statement {
  readonly q: Plain
  readonly u: unknown
  readonly upsert?: boolean
  readonly arrayFilters?: readonly Plain[]
}

export function randomUpdate(random: Random, count: number): Statement {
  const statement = anyUpdate(random, count)
  return Array.isArray(statement.u) ? statement : { ...statement, u: plainly(statement.u) }
}

function anyUpdate(random: Random, count: number): Statement {
  const q = { _id: new Int32(Math.floor(random() * count)) }
  const kind = random()
  if (kind < 0.06) return { q, u: replacement(random) }
  if (kind < 0.14) return { q, u: pipeline(random) }
  if (kind < 0.24) return elements(random, q)
  if (kind < 0.3) return { q: { _id: new Int32(count + Math.floor(random() * 5)) }, u: created(random), upsert: true }
  if (kind < 0.36) return { q: { ...q, ...randomFilter(random, 1) }, u: operators(random) }
  return { q, u: operators(random) }
}

function replacement(random: Random): Plain {
  return Object.fromEntries(times(random, [1, 3], () => [pick(random, ['a', 'b', 'c']), randomValue(random)]))
}

function pipeline(random: Random): Plain[] {
  const path = pick(random, ['a', 'b', 'c', 'x'])
  return [
    pick(random, [
      () => ({ $set: { [path]: anything(random, 2) } }),
      () => ({ $unset: path }),
      () => ({ $replaceWith: { $mergeObjects: ['$$ROOT', { a: { $ifNull: [anything(random, 1), 'none'] } }] } }),
      () => ({ $project: { a: 1, b: 1, x: anything(random, 1) } }),
    ])(),
  ]
}

/** Changes elements of arrays: all of them, or those that a filter names. */
function elements(random: Random, id: Plain): Statement {
  const name = pick(random, ['a', 'b', 'c'])
  const q = { ...id, [name]: { $type: 'array' } }
  const rest = pick(random, ['', '.x', '.x.y'])
  if (chance(random, 0.4))
    return { q, u: { [pick(random, OPERATORS_ON_ELEMENTS)]: { [`${name}.$[]${rest}`]: operandOf(random) } } }
  const filter = {
    [pick(random, ['e', 'e.x'])]: pick(random, [{ $gt: new Int32(0) }, { $exists: true }, 'a', { $type: 'object' }]),
  }
  return { q, u: { $set: { [`${name}.$[e]${rest}`]: randomValue(random, 1) } }, arrayFilters: [filter] }
}

const OPERATORS_ON_ELEMENTS = ['$set', '$inc', '$min', '$max', '$mul']

function operandOf(random: Random): unknown {
  return pick(random, [new Int32(2), new Double(0.5), Long.fromNumber(3), Decimal128.fromString('1.5')])
}

/** Paths ascend: MongoDB adds new fields in that order, the reference server in the order of the update. */
function operators(random: Random): Plain {
  const paths = times(random, [1, 2], () => path(random)).sort()
  const names = new Set(paths.map(() => pick(random, Object.keys(OPERATORS))))
  if (names.has('$rename')) return { $rename: { [paths[0]!.split('.')[0]!]: OPERATORS.$rename!(random) } }
  const places = [...names].map(
    (name, at) => [name, REMOVING.has(name) ? paths[at]!.split('.')[0]! : paths[at]!] as const,
  )
  return Object.fromEntries(places.map(([name, place]) => [name, { [place]: OPERATORS[name]!(random) }]))
}

/** What only takes something away makes empty documents in an upsert of the reference server. */
function created(random: Random): Plain {
  const creating = { ...OPERATORS, $setOnInsert: OPERATORS.$set! }
  const name = pick(
    random,
    Object.keys(creating).filter(one => !REMOVING.has(one) && one !== '$rename'),
  )
  return { [name]: { [path(random)]: creating[name as keyof typeof creating]!(random) } }
}

function path(random: Random): string {
  return chance(random, 0.03) ? '_id' : pick(random, [randomPath(random), randomPath(random), 'b.x.y', 'd'])
}

/** Of whole fields only: below missing ones and arrays the reference server makes or refuses what MongoDB does not. */
const REMOVING = new Set(['$pull', '$pullAll', '$pop', '$unset'])

type Operators = Readonly<Record<string, (random: Random) => unknown>>

const number = operandOf

const OPERATORS: Operators = {
  $set: random => randomValue(random),
  $unset: () => '',
  $inc: number,
  $mul: number,
  $min: random => randomValue(random, 1),
  $max: random => randomValue(random, 1),
  $rename: random => pick(random, ['d', 'e']),
  $push: random => (chance(random, 0.5) ? randomValue(random, 1) : pushed(random)),
  $addToSet: random =>
    chance(random, 0.5) ? randomValue(random, 1) : { $each: times(random, [1, 3], () => randomValue(random, 1)) },
  $pop: random => pick(random, [new Int32(1), new Int32(-1)]),
  $pull: random => (chance(random, 0.5) ? randomValue(random, 1) : pick(random, CONDITIONS)),
  $pullAll: random => times(random, [0, 3], () => randomValue(random, 1)),
  $bit: random => ({ [pick(random, ['and', 'or', 'xor'])]: pick(random, [new Int32(6), Long.fromNumber(5)]) }),
}

const CONDITIONS: readonly Plain[] = [
  { $gt: new Int32(1) },
  { $lte: new Double(0.5) },
  { $in: [new Int32(1), 'a', null] },
  { x: new Int32(1) },
  { x: { $gte: new Int32(0) } },
  { $exists: true },
  { $type: 'string' },
]

function pushed(random: Random): Plain {
  return {
    $each: times(random, [1, 3], () => randomValue(random, 1)),
    ...(chance(random, 0.4) ? { $position: new Int32(Math.floor(random() * 5) - 2) } : {}),
    ...(chance(random, 0.4) ? { $slice: new Int32(pick(random, [-3, -2, -1, 1, 2, 3])) } : {}),
    ...(chance(random, 0.4) ? { $sort: pick(random, [1, -1, { x: 1 }, { x: -1, y: 1 }]) } : {}),
  }
}
