// Moves, compares and truncates dates: $dateAdd, $dateSubtract, $dateDiff, $dateTrunc.
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { named } from '../arguments.ts'
import { instantIn } from '../calendar/instant.ts'
import { addUnits, countUnits, isUnit, largestAmount, truncateTo, type Unit, weekdayOf } from '../calendar/units.ts'
import { UTC, type Zone, zoneOf } from '../calendar/zone.ts'
import { integerOf } from '../integer.ts'
import { isNullish, type Operator, type OperatorTable, type Result } from '../operator.ts'

export const dateArithmetic: OperatorTable = {
  $dateAdd: mover('$dateAdd', 1),
  $dateDiff: named(
    {
      required: ['startDate', 'endDate', 'unit'],
      optional: ['timezone', 'startOfWeek'],
      notDocument: 5166301,
      unknown: 5166302,
      missing: { startDate: 5166303, endDate: 5166304, unit: 5166305 },
    },
    difference,
  ),
  $dateSubtract: mover('$dateSubtract', -1),
  $dateTrunc: named(
    {
      required: ['date', 'unit'],
      optional: ['binSize', 'timezone', 'startOfWeek'],
      notDocument: 5439007,
      unknown: 5439008,
      missing: { date: 5439009, unit: 5439010 },
    },
    truncate,
  ),
}

/** The one int64 that cannot be negated. */
const LEAST = -(2n ** 63n)

type Given = Readonly<Record<string, Result>>

function mover(name: string, sign: 1 | -1): Operator {
  const rules = {
    required: ['startDate', 'unit', 'amount'],
    optional: ['timezone'],
    notDocument: 5166400,
    unknown: 5166401,
    missing: 5166402,
  } as const
  return named(rules, given => {
    if (isNullish(given.startDate) || isNullish(given.unit)) return null
    const unit = unitIn(given.unit, name)
    const zone = isNullish(given.amount) ? null : zoneIn(given)
    if (!zone) return null
    const start = dateIn(given.startDate, { name, field: 'startDate', code: 5166403 })
    const amount = integerOf(given.amount)
    if (sign < 0 && given.amount === LEAST)
      throw new CommandError(6045000, `invalid ${name} 'amount' parameter value: ${given.amount} ${unit}`)
    if (amount === undefined) throw new CommandError(5166405, `${name} expects integer amount of time units`)
    return moved(start, sign * amount, { unit, zone, name })
  })
}

function moved(start: number, amount: number, { unit, zone, name }: { unit: Unit; zone: Zone; name: string }): Date {
  if (Math.abs(amount) > largestAmount(unit)) {
    throw new CommandError(5976500, `invalid ${name} 'amount' parameter value: ${amount} ${unit}`)
  }
  const date = new Date(addUnits(start, amount, { unit, zone }))
  if (Number.isNaN(date.getTime())) throw new CommandError(5166406, `${name} overflowed`)
  return date
}

function difference(given: Given): Result {
  const zone = zoneIn(given)
  const nothing = isNullish(given.startDate) || isNullish(given.endDate) || isNullish(given.unit)
  if (nothing || !zone || isNullWeek(given)) return null
  const start = dateIn(given.startDate, { name: '$dateDiff', field: 'startDate', code: 5166307 })
  const end = dateIn(given.endDate, { name: '$dateDiff', field: 'endDate', code: 5166307 })
  const unit = unitIn(given.unit, '$dateDiff')
  return BigInt(countUnits(start, end, { unit, zone, firstWeekday: firstWeekdayIn(given, '$dateDiff', unit) }))
}

function truncate(given: Given): Result {
  const zone = zoneIn(given)
  if (isNullish(given.date) || isNullish(given.unit) || !zone || isNullWeek(given)) return null
  if ('binSize' in given && isNullish(given.binSize)) return null
  const date = dateIn(given.date, { name: '$dateTrunc', field: 'date', code: 5439012 })
  const unit = unitIn(given.unit, '$dateTrunc')
  const firstWeekday = firstWeekdayIn(given, '$dateTrunc', unit)
  return new Date(truncateTo(date, { unit, zone, firstWeekday, size: binSizeIn(given) }))
}

function zoneIn(given: Given): Zone | null {
  return 'timezone' in given ? zoneOf(given.timezone) : UTC
}

function dateIn(value: Result, { name, field, code }: { name: string; field: string; code: number }): number {
  const instant = instantIn(value)
  if (instant !== undefined) return instant
  throw new CommandError(code, `${name} requires '${field}' to be a date, but got ${typeName(value)}`)
}

function unitIn(value: Result, name: string): Unit {
  if (typeof value === 'string') {
    if (isUnit(value)) return value
    throw new CommandError(
      'FailedToParse',
      `${name} parameter 'unit' value parsing failed :: caused by :: unknown time unit value: ${value}`,
    )
  }
  throw new CommandError(5439013, `${name} requires 'unit' to be a string, but got ${typeName(value)}`)
}

function isNullWeek(given: Given): boolean {
  return given.unit === 'week' && 'startOfWeek' in given && isNullish(given.startOfWeek)
}

function firstWeekdayIn(given: Given, name: string, unit: Unit): number {
  if (unit !== 'week' || !('startOfWeek' in given)) return 0
  if (typeof given.startOfWeek === 'string') {
    const day = weekdayOf(given.startOfWeek)
    if (day >= 0) return day
    throw new CommandError(
      5439016,
      `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${given.startOfWeek}`,
    )
  }
  throw new CommandError(
    5439015,
    `${name} requires 'startOfWeek' to be a string, but got ${typeName(given.startOfWeek)}`,
  )
}

function binSizeIn(given: Given): number {
  if (!('binSize' in given)) return 1
  const size = integerOf(given.binSize)
  if (size === undefined) throw new CommandError(5439017, "$dateTrunc requires 'binSize' to be a 64-bit integer")
  if (size <= 0)
    throw new CommandError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`)
  return size
}
