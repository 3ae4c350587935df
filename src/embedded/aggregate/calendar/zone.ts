// Knows the offsets of time zones, by Olson name or as +hh:mm.
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { isNullish, type Result } from '../operator.ts'

export interface Zone {
  /** whether the zone is UTC by name or by an offset of zero */
  readonly utc: boolean
  /** milliseconds that local clocks are ahead at an instant */
  offsetAt(instant: number): number
}

export const UTC: Zone = { utc: true, offsetAt: () => 0 }

const minute = 60_000
const hour = 60 * minute
const known = new Map<string, Zone>([
  ['UTC', UTC],
  ['GMT', UTC],
  ['Z', UTC],
])

/** The zone of a `timezone` argument; null and missing values give null. */
export function zoneOf(value: Result, refusal = 40517): Zone | null {
  if (isNullish(value)) return null
  if (typeof value !== 'string') {
    throw new CommandError(refusal, `timezone must evaluate to a string, found ${typeName(value)}`)
  }
  return namedZone(value)
}

export function namedZone(name: string): Zone {
  const found = known.get(name)
  if (found) return found
  const zone = fixedZone(name) ?? olsonZone(name)
  known.set(name, zone)
  return zone
}

/** The milliseconds since 1970 that a local clock shows, as if it were in UTC. */
export function localTime(instant: number, zone: Zone): number {
  return instant + zone.offsetAt(instant)
}

/** The instant of a local time; a time that a clock skips is moved by the gap, one shown twice is the first. */
export function instantOf(local: number, zone: Zone): number {
  const before = zone.offsetAt(local - 12 * hour)
  const after = zone.offsetAt(local + 12 * hour)
  if (before === after && zone.offsetAt(local - before) === before) return local - before
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (zone.offsetAt(local - offset) === offset) return local - offset
  }
  return local - before
}

function fixedZone(name: string): Zone | undefined {
  const parts = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(name)
  if (!parts) return undefined
  const size = Number(parts[2]) * hour + Number(parts[3] ?? 0) * minute
  const offset = parts[1] === '-' ? -size : size
  return { utc: offset === 0, offsetAt: () => offset }
}

function olsonZone(name: string): Zone {
  const format = zoneFormat(name)
  const offsets = new Map<number, number>()
  return {
    utc: name === 'Etc/UTC',
    offsetAt: instant => {
      const quarter = Math.floor(instant / (15 * minute))
      const cached = offsets.get(quarter)
      if (cached !== undefined) return cached
      const offset = offsetFrom(format, quarter * 15 * minute)
      if (offsets.size > 10_000) offsets.clear()
      offsets.set(quarter, offset)
      return offset
    },
  }
}

function zoneFormat(name: string): Intl.DateTimeFormat {
  try {
    if (!/^[A-Za-z][\w+/-]*$/.test(name)) throw new RangeError(name)
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new CommandError(40485, `unrecognized time zone identifier: "${name}"`, { cause })
  }
}

function offsetFrom(format: Intl.DateTimeFormat, instant: number): number {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
  const local = new Date(0)
  local.setUTCFullYear(year, part('month') - 1, part('day'))
  local.setUTCHours(part('hour'), part('minute'), part('second'))
  return local.getTime() - instant
}
