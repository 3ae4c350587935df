// Takes dates apart and puts them together: $year, $hour, $isoWeek, $dateToParts, $dateFromParts and the like.
import { type Document, int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { named } from '../arguments.ts'
import { instantFrom } from '../calendar/instant.ts'
import {
  dayOfWeek,
  dayOfYear,
  isoDayOfWeek,
  isoWeek,
  localOf,
  localOfIsoWeek,
  type Parts,
  partsOf,
  weekOfYear,
} from '../calendar/parts.ts'
import { instantOf, localTime, UTC, zoneOf } from '../calendar/zone.ts'
import { integerOf } from '../integer.ts'
import {
  constantNode,
  isNullish,
  type Node,
  nodeOver,
  type Operator,
  type OperatorTable,
  type Result,
} from '../operator.ts'

export const dateParts: OperatorTable = {
  $dateFromParts: named(
    {
      required: [],
      optional: [
        'year',
        'month',
        'day',
        'isoWeekYear',
        'isoWeek',
        'isoDayOfWeek',
        'hour',
        'minute',
        'second',
        'millisecond',
        'timezone',
      ],
      notDocument: 40519,
      unknown: 40518,
      missing: 40516,
    },
    dateFromParts,
  ),
  $dateToParts: named(
    { required: ['date'], optional: ['timezone', 'iso8601'], notDocument: 40524, unknown: 40520, missing: 40522 },
    dateToParts,
  ),
  $dayOfMonth: part(local => int32(partsOf(local).day)),
  $dayOfWeek: part(local => int32(dayOfWeek(local))),
  $dayOfYear: part(local => int32(dayOfYear(local))),
  $hour: part(local => int32(partsOf(local).hour)),
  $isoDayOfWeek: part(local => int32(isoDayOfWeek(local))),
  $isoWeek: part(local => int32(isoWeek(local).week)),
  $isoWeekYear: part(local => BigInt(isoWeek(local).year)),
  $millisecond: part(local => int32(partsOf(local).millisecond)),
  $minute: part(local => int32(partsOf(local).minute)),
  $month: part(local => int32(partsOf(local).month)),
  $second: part(local => int32(partsOf(local).second)),
  $week: part(local => int32(weekOfYear(local))),
  $year: part(local => int32(partsOf(local).year)),
}

/** An operator of a date, given alone or as { date, timezone }. */
function part(compute: (local: number) => Value): Operator {
  return (argument, scope, name) => {
    const given = argument instanceof Map && !argument.keys().next().value?.startsWith('$') ? argument : undefined
    const date = scope.compile(given ? dateArgument(given, name) : onlyArgument(argument, name))
    const timezone = given?.get('timezone')
    const zoneNode: Node = timezone === undefined ? constantNode('UTC') : scope.compile(timezone)
    return nodeOver([date, zoneNode], (root, variables) => {
      const value = date.evaluate(root, variables)
      const zone = zoneOf(zoneNode.evaluate(root, variables), 40533)
      return isNullish(value) || !zone ? null : compute(localTime(instantFrom(value), zone))
    })
  }
}

function onlyArgument(argument: Value, name: string): Value {
  if (!Array.isArray(argument)) return argument
  const [only] = argument
  if (argument.length === 1 && only !== undefined) return only
  throw new CommandError(
    40536,
    `${name} accepts exactly one argument if given an array, but was given ${argument.length}`,
  )
}

function dateArgument(given: Document, name: string): Value {
  for (const key of given.keys()) {
    if (key !== 'date' && key !== 'timezone') throw new CommandError(40535, `unrecognized option to ${name}: "${key}"`)
  }
  const date = given.get('date')
  if (date === undefined) throw new CommandError(40539, `missing 'date' argument to ${name}`)
  return date
}

type Given = Readonly<Record<string, Result>>

function dateToParts(given: Given): Result {
  const zone = 'timezone' in given ? zoneOf(given.timezone) : UTC
  if (isNullish(given.date) || !zone || ('iso8601' in given && isNullish(given.iso8601))) return null
  const { iso8601 = false } = given
  if (typeof iso8601 !== 'boolean') {
    throw new CommandError(40521, `iso8601 must evaluate to a bool, found ${typeName(iso8601)}`)
  }
  const local = localTime(instantFrom(given.date), zone)
  const { year, month, day, hour, minute, second, millisecond } = partsOf(local)
  const week = isoWeek(local)
  const date = iso8601
    ? { isoWeekYear: week.year, isoWeek: week.week, isoDayOfWeek: isoDayOfWeek(local) }
    : { year, month, day }
  const parts = Object.entries({ ...date, hour, minute, second, millisecond })
  return new Map<string, Value>(parts.map(([name, number]) => [name, int32(number)]))
}

function dateFromParts(given: Given): Result {
  const iso = 'isoWeekYear' in given
  checkCalendar(given, iso)
  const zone = 'timezone' in given ? zoneOf(given.timezone) : UTC
  const names = Object.keys(given).filter(name => name !== 'timezone')
  if (!zone || names.some(name => isNullish(given[name]))) return null
  const number = (name: string, otherwise: number) => partNumber(given, name, otherwise)
  const clock = {
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    millisecond: number('millisecond', 0),
  }
  const local = iso
    ? localOfIsoWeek(number('isoWeekYear', 1970), number('isoWeek', 1), number('isoDayOfWeek', 1)) + ofDay(clock)
    : localOf({ year: number('year', 1970), month: number('month', 1), day: number('day', 1), ...clock })
  return new Date(instantOf(local, zone))
}

function checkCalendar(given: Given, iso: boolean): void {
  if (!iso && !('year' in given)) {
    throw new CommandError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present")
  }
  if ('year' in given && ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'].some(name => name in given)) {
    throw new CommandError(40489, '$dateFromParts does not allow mixing natural dates with ISO dates')
  }
  if (iso && ['month', 'day'].some(name => name in given)) {
    throw new CommandError(40525, '$dateFromParts does not allow mixing ISO dates with natural dates')
  }
}

function ofDay(clock: Pick<Parts, 'hour' | 'minute' | 'second' | 'millisecond'>): number {
  return localOf({ year: 1970, month: 1, day: 1, ...clock })
}

function partNumber(given: Given, name: string, otherwise: number): number {
  const value = given[name]
  if (value === undefined) return otherwise
  const number = integerOf(value)
  if (number === undefined) {
    throw new CommandError(40515, `'${name}' must evaluate to an integer, found ${typeName(value)}`)
  }
  const years = name === 'year' || name === 'isoWeekYear'
  if (years && (number < 1 || number > 9999)) {
    const code = name === 'year' ? 40523 : 31095
    throw new CommandError(code, `'${name}' must evaluate to an integer in the range 1 to 9999, found ${number}`)
  }
  const wide = name === 'second' || name === 'millisecond'
  if (!wide && Math.abs(number) > 32768) {
    throw new CommandError(
      31034,
      `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${number} is not in range`,
    )
  }
  return number
}
