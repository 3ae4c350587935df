// Makes random pipelines of aggregation whose results do not depend on an order that nothing says.
import { Double, Int32 } from 'mongodb'
import { pick, type Random } from '../support/random-values.ts'
import { chance, type Plain, times } from './random-documents.ts'
import { dated, list, logical, numeric, randomNumber, textual } from './random-expressions.ts'

/** What is known of the documents at a place of the pipeline. */
interface State {
  /** whether each has an _id of its own, by which they can be sorted */
  readonly isUnique: boolean
}

type Stages = readonly [stages: Plain[], after: State]
type Make = (random: Random, state: State) => Stages

const FIELDS = ['n', 'm', 's', 't', 'd', 'b', 'arr', 'items', 'o', 'o.x', 'items.v', 'items.k', 'x', 'y', '_id']

export function randomPipeline(random: Random): Plain[] {
  let state: State = { isUnique: true }
  return times(random, [1, 4], () => {
    const [stages, after] = pick(random, STAGES)(random, state)
    state = after
    return stages
  }).flat()
}

const same =
  (make: (random: Random) => Plain): Make =>
  (random, state) => [[make(random)], state]

const STAGES: readonly Make[] = [
  same(random => ({ $match: condition(random) })),
  same(random => ({ $match: { $expr: logical(random, 2) } })),
  same(random => ({ [pick(random, ['$addFields', '$set'])]: computed(random) })),
  same(random => ({ [pick(random, ['$addFields', '$set'])]: computed(random) })),
  projected,
  same(random => ({ $unset: pick(random, ['y', 'missing']) })),
  unwound,
  grouped,
  grouped,
  cut,
  replaced,
  bucketed,
  windowed,
  windowed,
  same(joined),
  reached,
  filled,
  united,
  counted,
  faceted,
]

function condition(random: Random): Plain {
  const one = (): unknown =>
    pick(random, [
      () => randomNumber(random),
      () => ({ [pick(random, ['$gt', '$gte', '$lt', '$lte', '$ne'])]: randomNumber(random) }),
      () => ({ $in: times(random, [1, 3], () => new Int32(Math.floor(random() * 8))) }),
      () => ({ $not: { $gt: randomNumber(random) } }),
      () => ({ $mod: [new Int32(2), new Int32(pick(random, [0, 1]))] }),
      () => ({ $regex: pick(random, ['^a', 'b', '-']), $options: pick(random, ['', 'i']) }),
      () => ({ $exists: chance(random, 0.7) }),
      () => ({ $elemMatch: { $gt: randomNumber(random) } }),
      () => ({ $type: pick(random, ['number', 'string', 'array', 'object', 'date']) }),
    ])()
  return Object.fromEntries(times(random, [1, 2], () => [pick(random, FIELDS), one()]))
}

function computed(random: Random): Plain {
  return Object.fromEntries(
    times(random, [1, 2], () => [
      pick(random, ['x', 'y', 'o.z', 'p.q']),
      pick(random, [numeric, textual, logical, list, dated])(random, 3),
    ]),
  )
}

/**
 * Fields are kept, not left out: the reference server still finds those in expressions. The computed one has a new
 * name: one that was there keeps its place on the reference server.
 */
function projected(random: Random, state: State): Stages {
  const kept = times(random, [1, 3], () => [pick(random, ['n', 'm', 's', 'd', 'o.y', 'items.k', 'arr']), 1] as const)
  const keepsId = chance(random, 0.8)
  const fields = {
    ...Object.fromEntries(kept),
    v: present(pick(random, [numeric, textual, logical, list, dated])(random, 3)),
    ...(keepsId ? {} : { _id: 0 }),
  }
  return [[{ $project: fields }], { isUnique: state.isUnique && keepsId }]
}

/** What was unwound becomes a list again, for the stages behind. */
function unwound(random: Random): Stages {
  const name = pick(random, ['arr', 'items', 'x', 'o'])
  const stage = chance(random, 0.5)
    ? `$${name}`
    : {
        path: `$${name}`,
        preserveNullAndEmptyArrays: chance(random, 0.5),
        ...(chance(random, 0.4) ? { includeArrayIndex: 'at' } : {}),
      }
  const again = name === 'arr' || name === 'items' ? [{ $set: { [name]: [], y: `$${name}` } }] : []
  return [[{ $unwind: stage }, ...again], { isUnique: false }]
}

/** The reference server tells a missing key from null, MongoDB does not. */
function present(expression: unknown): unknown {
  return { $ifNull: [expression, 'none'] }
}

/** Nothing that depends on the order of documents, which the reference server changes. */
function grouped(random: Random): Stages {
  const key = present(textual(random, 2))
  const _id = pick(random, [null, present('$s'), present('$b'), { s: present('$s'), b: present('$b') }, key])
  const fields = times(random, [1, 3], () => [pick(random, ['n', 'x', 'y']), accumulator(random)])
  return [[{ $group: { _id, ...Object.fromEntries(fields) } }], { isUnique: true }]
}

const ZERO = new Double(0)

/** Of equal numbers of several types the reference server takes another one than MongoDB. */
function accumulator(random: Random): unknown {
  const double = {
    $floor: { $abs: { $convert: { input: numeric(random, 2), to: 'double', onError: ZERO, onNull: ZERO } } },
  }
  return chance(random, 0.5)
    ? { [pick(random, ['$sum', '$avg'])]: double }
    : { [pick(random, ['$min', '$max'])]: pick(random, [double, textual(random, 2)]) }
}

function operand(random: Random): unknown {
  return pick(random, [numeric, numeric, textual, () => '$n', () => new Int32(1)])(random, 2)
}

/** Not by arrays: the reference server puts empty ones elsewhere than MongoDB. */
function cut(random: Random, state: State): Stages {
  if (!state.isUnique) return [[{ $match: condition(random) }], state]
  const by = times(random, [0, 2], () => [pick(random, ['n', 's', 'o.x', 'd']), pick(random, [1, -1])])
  const sort = { $sort: { ...Object.fromEntries(by), _id: pick(random, [1, -1]) } }
  return [[sort, ...(chance(random, 0.5) ? [{ $skip: 2 }] : []), { $limit: 1 + Math.floor(random() * 12) }], state]
}

function replaced(random: Random): Stages {
  const root = pick(random, [
    { $mergeObjects: ['$o', { _id: '$_id', n: '$n' }] },
    { $ifNull: ['$o', { none: true }] },
    { a: numeric(random, 2), b: '$$ROOT.s', _id: '$_id' },
    { $mergeObjects: ['$$ROOT', { x: list(random, 2) }] },
  ])
  return [[chance(random, 0.5) ? { $replaceRoot: { newRoot: root } } : { $replaceWith: root }], { isUnique: false }]
}

function bucketed(random: Random, state: State): Stages {
  const output = { count: { $sum: 1 }, x: accumulator(random) }
  const boundaries = [new Int32(-4), new Int32(0), new Int32(2), new Int32(6)]
  if (chance(random, 0.7))
    return [[{ $bucket: { groupBy: '$n', boundaries, default: 'other', output } }], { isUnique: true }]
  return [[{ $sortByCount: present(pick(random, ['$s', '$b', '$o.y'])) }], { isUnique: state.isUnique || true }]
}

/** Of equal numbers and of what left a window the reference server keeps another type than MongoDB. */
function windowed(random: Random, state: State): Stages {
  if (!state.isUnique) return [[{ $set: computed(random) }], state]
  const double = { $toDouble: pick(random, ['$n', '$m']) }
  const made = pick(random, [
    () => ({ [pick(random, ['$sum', '$push', '$last'])]: operand(random), ...grownWindow(random) }),
    () => ({ [pick(random, ['$min', '$max', '$avg', '$first'])]: double, ...movedWindow(random) }),
    () => ({ [pick(random, ['$minN', '$maxN', '$lastN'])]: { input: double, n: 2 }, ...movedWindow(random) }),
    () => ({ $count: {}, ...movedWindow(random) }),
    () => ({ [pick(random, ['$documentNumber', '$rank', '$denseRank'])]: {} }),
    () => ({ $shift: { output: '$n', by: pick(random, [-1, 1, 2]), default: 'none' } }),
    () => ({ $locf: pick(random, ['$n', '$s']) }),
  ])()
  const partition = pick(random, [{}, { partitionBy: '$s' }, { partitionBy: { $mod: ['$n', 2] } }])
  return [[{ $setWindowFields: { ...partition, sortBy: { _id: 1 }, output: { x: made } } }], state]
}

function grownWindow(random: Random): Plain {
  return pick(random, [{}, { window: { documents: ['unbounded', 'current'] } }])
}

function movedWindow(random: Random): Plain {
  const window = pick(random, [
    { documents: [-1, 1] },
    { documents: [-2, 0] },
    { documents: [1, 2] },
    { documents: ['current', 'unbounded'] },
    { range: [-2, 1] },
    { range: ['current', 3] },
    { range: ['unbounded', -1] },
  ])
  return { window }
}

/** Found by texts, for the reference server finds nothing by null; which documents counts, not their order and the type of their depth. */
function reached(random: Random, state: State): Stages {
  const $graphLookup = {
    from: 'other',
    startWith: pick(random, [present('$s'), present('$o.y'), '$items.k']),
    connectFromField: pick(random, ['items.k', 'o.y']),
    connectToField: pick(random, ['s', 't']),
    as: 'y',
    maxDepth: pick(random, [0, 1, 3]),
    ...(chance(random, 0.3) ? { restrictSearchWithMatch: condition(random) } : {}),
  }
  return [[{ $graphLookup }, { $set: { y: { $sortArray: { input: '$y._id', sortBy: 1 } } } }], state]
}

function filled(random: Random, state: State): Stages {
  if (!state.isUnique) return [[{ $set: computed(random) }], state]
  const output = pick(random, [
    { n: { value: 'none' }, s: { method: 'locf' } },
    { o: { value: present('$s') } },
    { n: { method: 'locf' } },
  ])
  return [[{ $fill: { sortBy: { _id: 1 }, output } }], state]
}

/** Joined by texts: the reference server does not find a decimal by an equal double. */
function joined(random: Random): Plain {
  const as = pick(random, ['x', 'y'])
  if (chance(random, 0.5))
    return {
      $lookup: {
        from: 'other',
        localField: pick(random, ['s', 'o.y', 'items.k']),
        foreignField: pick(random, ['s', 'items.k', 't']),
        as,
      },
    }
  const pipeline = [
    { $match: { $expr: { [pick(random, ['$eq', '$lt'])]: ['$n', '$$v'] } } },
    { $sort: { _id: 1 } },
    { $limit: 3 },
  ]
  return { $lookup: { from: 'other', let: { v: '$n' }, pipeline, as } }
}

function united(random: Random): Stages {
  const pipeline = [{ $match: condition(random) }]
  return [[{ $unionWith: chance(random, 0.5) ? 'other' : { coll: 'other', pipeline } }], { isUnique: false }]
}

/** No $count: of nothing, the reference server counts 0 where MongoDB gives no document. */
function counted(random: Random): Stages {
  return [[{ $match: condition(random) }, { $group: { _id: null, n: { $sum: 1 } } }], { isUnique: true }]
}

function faceted(random: Random, state: State): Stages {
  if (!state.isUnique) return counted(random)
  const part = (): Plain[] => [{ $match: { _id: { $lt: 3 } } }, { $sort: { _id: 1 } }, { $set: computed(random) }]
  return [
    [{ $facet: { x: part(), y: [{ $match: condition(random) }, { $project: { n: 1 } }, { $sort: { _id: 1 } }] } }],
    { isUnique: false },
  ]
}
