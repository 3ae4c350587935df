// Makes random expressions of aggregation that mostly fit the types they are applied to.
import { Decimal128, Double, Int32, Long } from 'mongodb'
import { pick, type Random } from '../support/random-values.ts'
import { chance, type Plain, times } from './random-documents.ts'

type Make = (random: Random, depth: number) => unknown

/** Documents for pipelines: numbers `n` and `m`, texts `s` and `t`, a date, arrays, a document; some are missing. */
export function randomRows(random: Random, count: number): Plain[] {
  return Array.from({ length: count }, (_, _id) => ({ _id: new Int32(_id), ...randomRow(random) }))
}

function randomRow(random: Random): Plain {
  const fields: Record<string, () => unknown> = {
    n: () => randomNumber(random),
    m: () => randomNumber(random),
    s: () => pick(random, WORDS),
    t: () => pick(random, WORDS),
    d: () => pick(random, DATES),
    b: () => chance(random, 0.5),
    arr: () => times(random, [0, 4], () => randomNumber(random)),
    items: () => times(random, [0, 3], () => ({ k: pick(random, WORDS), v: randomNumber(random) })),
    o: () => ({ x: randomNumber(random), y: pick(random, WORDS) }),
  }
  const present = Object.entries(fields).filter(() => chance(random, 0.9))
  return Object.fromEntries(
    present.map(([name, make]) => [name, !WHOLE.has(name) && chance(random, 0.05) ? null : make()]),
  )
}

/** Never null: the reference server moves a null that becomes a document to the end. */
const WHOLE = new Set(['items', 'o'])

const WORDS = ['', 'a', 'ab', 'Abc', 'b', 'é', 'a b c', 'x-y-z']
const DATES = ['2023-12-31T23:59:59.999Z', '2024-02-29T12:30:00Z', '2024-03-10T08:00:00Z', '1969-07-20T20:17:40Z'].map(
  text => new Date(text),
)
const ZONES = ['UTC', '+05:30', 'Europe/Berlin', 'America/New_York']
const UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond']
const SHORT_UNITS = UNITS.slice(3)

/** Decimals that no double equals: the reference server does not find those in sets. */
export function randomNumber(random: Random): unknown {
  const small = Math.floor(random() * 11) - 3
  const kind = random()
  if (kind < 0.6) return new Int32(small)
  if (kind < 0.8) return new Double(small + pick(random, [0, 0.5, 0.25]))
  if (kind < 0.92) return Long.fromNumber(small)
  return Decimal128.fromString(`${small}${pick(random, ['.1', '.7'])}`)
}

/** Powers of two: of other fractions the reference server rounds the sums otherwise. */
function nonZero(random: Random): unknown {
  return pick(random, [new Int32(2), new Int32(-4), new Double(0.5), new Double(4), Long.fromNumber(8)])
}

function literal(value: unknown): unknown {
  return { $literal: value }
}

/** Gives one of several, and a leaf where no depth is left. */
function choose(random: Random, depth: number, { leaves, nodes }: Choices): unknown {
  const make = depth <= 0 || chance(random, 0.2) ? pick(random, leaves) : pick(random, nodes)
  return make(random, depth - 1)
}

interface Choices {
  readonly leaves: readonly Make[]
  readonly nodes: readonly Make[]
}

const field =
  (...paths: string[]): Make =>
  random =>
    pick(random, paths)

/** An operator whose operands are made in turn. */
const call =
  (name: string, ...operands: Make[]): Make =>
  (random, depth) => ({ [name]: operands.map(make => make(random, depth)) })

const unary =
  (names: readonly string[], operand: Make): Make =>
  (random, depth) => ({ [pick(random, names)]: [operand(random, depth)] })

const several =
  (names: readonly string[], operand: Make): Make =>
  (random, depth) => ({ [pick(random, names)]: times(random, [1, 3], () => operand(random, depth)) })

const fallback =
  (operand: Make): Make =>
  (random, depth) => ({ $ifNull: times(random, [2, 3], () => operand(random, depth)) })

/** Of remainders and averages the reference server keeps other types than MongoDB, and -0. */
const inDoubles =
  (make: Make): Make =>
  (random, depth) => ({ $add: [{ $floor: { $toDouble: make(random, depth) } }, 0] })

const small: Make = random => new Int32(Math.floor(random() * 7) - 3)
const positive: Make = random => new Int32(1 + Math.floor(random() * 3))
const place: Make = random => new Int32(Math.floor(random() * 3))

export const numeric: Make = (random, depth) => choose(random, depth, NUMERIC)
export const textual: Make = (random, depth) => choose(random, depth, TEXTUAL)
export const logical: Make = (random, depth) => choose(random, depth, LOGICAL)
export const list: Make = (random, depth) => choose(random, depth, LISTS)
export const dated: Make = (random, depth) => choose(random, depth, DATED)
const composed: Make = (random, depth) => choose(random, depth, COMPOSED)

/** A list also where the field is missing or null. */
const safeList: Make = (random, depth) => ({ $ifNull: [list(random, depth), []] })
/** The reference server does not find a decimal among equal doubles. */
const words: Make = (random, depth) =>
  pick(random, ['$items.k', { $split: [safeText(random, depth), ' '] }, { $literal: ['', 'a', 'b', 'a'] }])
const safeText: Make = (random, depth) => ({ $ifNull: [textual(random, depth), 'none'] })

export const anything: Make = (random, depth) =>
  pick(random, [numeric, numeric, textual, logical, list, dated, composed])(random, depth)

const NUMERIC: Choices = {
  leaves: [field('$n', '$m', '$o.x'), field('$n', '$m'), random => randomNumber(random)],
  nodes: [
    several(['$add', '$multiply'], numeric),
    call('$subtract', numeric, numeric),
    call('$divide', numeric, nonZero),
    inDoubles(call('$mod', numeric, random => pick(random, [new Int32(2), new Int32(-3), Long.fromNumber(5)]))),
    unary(['$abs', '$floor', '$ceil'], numeric),
    call('$trunc', numeric, place),
    call('$round', numeric, place),
    unary(['$size'], safeList),
    unary(['$strLenCP', '$strLenBytes'], safeText),
    several(['$sum', '$max', '$min'], numeric),
    inDoubles(several(['$avg'], numeric)),
    unary(['$sum', '$max', '$min', '$first', '$last'], list),
    inDoubles(unary(['$avg'], list)),
    (random, depth) => ({ $ifNull: [{ $arrayElemAt: [list(random, depth), small(random, depth)] }, 0] }),
    call('$indexOfArray', list, numeric),
    call('$indexOfCP', safeText, random => pick(random, ['a', 'b', ' '])),
    call('$cmp', anything, anything),
    call('$cond', logical, numeric, numeric),
    fallback(numeric),
    unary(['$year', '$month', '$dayOfMonth', '$dayOfWeek', '$dayOfYear', '$isoWeek', '$hour', '$week'], dated),
    dateDifference,
    reduction,
    switched,
    bound,
    unary(['$toLong', '$toDouble', '$toDecimal'], logical),
  ],
}

const TEXTUAL: Choices = {
  leaves: [field('$s', '$t', '$o.y'), random => literal(pick(random, WORDS))],
  nodes: [
    several(['$concat'], textual),
    unary(['$toUpper', '$toLower'], random => pick(random, ['$s', '$t', 'Xy'])),
    call('$substrCP', textual, place, positive),
    (random, depth) => ({ [pick(random, ['$trim', '$ltrim', '$rtrim'])]: { input: textual(random, depth) } }),
    (random, depth) => ({
      [pick(random, ['$replaceOne', '$replaceAll'])]: {
        input: textual(random, depth),
        find: pick(random, ['a', 'b', '-']),
        replacement: pick(random, ['', 'zz']),
      },
    }),
    call('$cond', logical, textual, textual),
    fallback(textual),
    call(
      '$arrayElemAt',
      (random, depth) => ({ $split: [textual(random, depth), pick(random, [' ', '-', 'a'])] }),
      random => new Int32(pick(random, [0, -1])),
    ),
    (random, depth) => ({
      $dateToString: {
        date: dated(random, depth),
        format: '%Y-%m-%d %H:%M:%S.%L %j %u',
        timezone: pick(random, ZONES),
      },
    }),
    unary(['$toString'], logical),
    random => ({
      $ifNull: [{ $getField: { field: 'match', input: found(random) } }, 'none'],
    }),
  ],
}

const LOGICAL: Choices = {
  leaves: [field('$b'), random => literal(chance(random, 0.5))],
  nodes: [
    (random, depth) =>
      call(pick(random, ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte']), anything, anything)(random, depth),
    several(['$and', '$or'], anything),
    call('$not', logical),
    call('$in', anything, safeList),
    unary(['$isArray', '$isNumber'], anything),
    call('$eq', unary(['$type'], anything), random => pick(random, ['int', 'string', 'array', 'missing', 'double'])),
    call('$setIsSubset', safeList, safeList),
    call('$setEquals', safeList, safeList),
    (random, depth) => ({ [pick(random, ['$anyElementTrue', '$allElementsTrue'])]: [safeList(random, depth)] }),
    random => ({ $regexMatch: { input: plainText(random), regex: pick(random, ['a', '^$', 'b c']) } }),
    unary(['$toBool'], numeric),
  ],
}

const LISTS: Choices = {
  leaves: [field('$arr', '$items.v', '$items.k'), random => times(random, [0, 3], () => randomNumber(random))],
  nodes: [
    (random, depth) => ({
      $map: { input: pick(random, ['$arr', '$items.v']), as: 'e', in: { $add: ['$$e', numeric(random, depth - 1)] } },
    }),
    (random, _depth) => ({
      $map: { input: '$items', as: 'e', in: pick(random, ['$$e.v', { $toUpper: '$$e.k' }, { a: '$$e.k', b: '$n' }]) },
    }),
    (random, depth) => ({
      $filter: { input: list(random, depth), as: 'e', cond: { $gt: ['$$e', numeric(random, depth - 1)] } },
    }),
    several(['$concatArrays'], list),
    call('$slice', list, random => pick(random, [1, 2, -1, -2, 3])),
    unary(['$reverseArray'], list),
    (random, depth) => ({ $sortArray: { input: list(random, depth), sortBy: pick(random, [1, -1]) } }),
    call('$range', place, (random, depth) => positive(random, depth), positive),
    (random, depth) => ({
      $sortArray: {
        input: { [pick(random, ['$setUnion', '$setIntersection'])]: [list(random, depth), list(random, depth)] },
        sortBy: 1,
      },
    }),
    (random, depth) => ({
      $sortArray: { input: { $setDifference: [words(random, depth), words(random, depth)] }, sortBy: 1 },
    }),
    call('$cond', logical, list, list),
    random => ({ $zip: { inputs: [pick(random, ['$arr', '$items.v']), '$items.k'] } }),
    (random, depth) => ({ $split: [textual(random, depth), pick(random, [' ', '-'])] }),
    unary(['$objectToArray'], composed),
    (random, depth) => times(random, [0, 2], () => anything(random, depth)),
  ],
}

/**
 * No $dateTrunc, and months of UTC only: the reference server truncates many dates to other days than MongoDB, and adds
 * months to the date of UTC.
 */
const DATED: Choices = {
  leaves: [field('$d'), random => pick(random, DATES)],
  nodes: [
    (random, depth) => {
      const unit = pick(random, UNITS)
      return {
        [pick(random, ['$dateAdd', '$dateSubtract'])]: {
          startDate: dated(random, depth),
          unit,
          amount: small(random, depth),
          ...(SHORT_UNITS.includes(unit) && chance(random, 0.4) ? { timezone: pick(random, ZONES) } : {}),
        },
      }
    },
    (random, depth) => ({
      $dateFromParts: { year: 2024, month: small(random, depth), day: { $ifNull: [{ $toInt: small(random, 0) }, 1] } },
    }),
    call('$cond', logical, dated, dated),
    fallback(dated),
  ],
}

const COMPOSED: Choices = {
  leaves: [field('$o'), random => ({ p: pick(random, ['$n', '$s', '$missing']), q: new Int32(1) })],
  nodes: [
    several(['$mergeObjects'], composed),
    (random, depth) => ({ p: anything(random, depth), q: { r: anything(random, depth) } }),
    (random, depth) => ({
      $setField: { field: pick(random, ['x', 'new']), input: composed(random, depth), value: anything(random, depth) },
    }),
    (random, depth) => ({ $unsetField: { field: 'x', input: composed(random, depth) } }),
    call('$cond', logical, composed, composed),
    (random, depth) => ({
      $arrayToObject: [
        [
          { k: 'a', v: present(anything(random, depth)) },
          { k: 'b', v: present(anything(random, depth)) },
        ],
      ],
    }),
  ],
}

function dateDifference(random: Random, depth: number): unknown {
  return {
    $dateDiff: {
      startDate: dated(random, depth),
      endDate: dated(random, depth),
      unit: pick(random, UNITS),
      ...(chance(random, 0.3) ? { timezone: pick(random, ['UTC', 'Europe/Berlin']) } : {}),
    },
  }
}

function reduction(random: Random, depth: number): unknown {
  const step = pick(random, [{ $add: ['$$value', '$$this'] }, { $subtract: ['$$this', '$$value'] }, '$$this'])
  return {
    $reduce: {
      input: pick(random, ['$arr', '$items.v']),
      initialValue: { $ifNull: [numeric(random, depth - 1), 0] },
      in: step,
    },
  }
}

function switched(random: Random, depth: number): unknown {
  const branches = times(random, [1, 2], () =>
    Object.fromEntries([
      ['case', logical(random, depth)],
      ['then', numeric(random, depth)],
    ]),
  )
  return { $switch: { branches, default: numeric(random, depth) } }
}

function bound(random: Random, depth: number): unknown {
  return { $let: { vars: { u: numeric(random, depth), w: '$m' }, in: { $add: ['$$u', '$$w'] } } }
}

/** The reference server refuses other texts that are null, missing or empty where MongoDB finds nothing. */
function plainText(random: Random): unknown {
  return { $ifNull: [pick(random, ['$s', '$t', '$o.y']), 'none'] }
}

function found(random: Random): unknown {
  return { $regexFind: { input: plainText(random), regex: pick(random, ['a.', '^x', 'b$']) } }
}

function present(expression: unknown): unknown {
  return { $ifNull: [expression, 'none'] }
}
