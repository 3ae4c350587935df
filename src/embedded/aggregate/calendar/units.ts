// Adds, counts and truncates dates by the units from millisecond to year, in a time zone.
import { CommandError } from '../../errors.ts'
import { DAY, daysInMonth, HOUR, localOf, MINUTE, partsOf } from './parts.ts'
import { instantOf, localTime, type Zone } from './zone.ts'

export type Unit = keyof typeof lengths | keyof typeof months

/** Units of a fixed length in milliseconds; days and weeks have it on local clocks only. */
const lengths = { millisecond: 1, second: 1000, minute: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY }
const months = { month: 1, quarter: 3, year: 12 }
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** 1 January 2000, from which bins are counted; it was a Saturday. */
const reference = Date.UTC(2000, 0, 1)

export function isUnit(text: string): text is Unit {
  return Object.hasOwn(lengths, text) || Object.hasOwn(months, text)
}

export function unitOf(text: string): Unit {
  if (isUnit(text)) return text
  throw new CommandError('FailedToParse', `unknown time unit value: ${text}`)
}

/** The number of a week's first day, 0 for Sunday; -1 for what is no day. */
export function weekdayOf(text: string): number {
  const lower = text.toLowerCase()
  return weekdays.findIndex(day => day === lower || day.slice(0, 3) === lower)
}

/** Milliseconds in a unit of fixed length; undefined for months, quarters and years. */
export function lengthOf(unit: Unit): number | undefined {
  return unit in lengths ? lengths[unit as keyof typeof lengths] : undefined
}

/** What more of a unit would leave the 64 bits of milliseconds. */
export function largestAmount(unit: Unit): number {
  return 2 ** 64 / (lengthOf(unit) ?? (months[unit as keyof typeof months] * 365 * DAY) / 12)
}

/** Moves an instant; days and longer units move the local clock, the last day of a month stays one that exists. */
export function addUnits(instant: number, amount: number, { unit, zone }: { unit: Unit; zone: Zone }): number {
  if (unit in months) {
    const local = addMonths(localTime(instant, zone), amount * months[unit as keyof typeof months])
    return instantOf(local, zone)
  }
  const by = amount * lengths[unit as keyof typeof lengths]
  if (unit !== 'day' && unit !== 'week') return instant + by
  return instantOf(localTime(instant, zone) + by, zone)
}

export interface Counting {
  readonly unit: Unit
  readonly zone: Zone
  /** 0 for Sunday */
  readonly firstWeekday: number
}

/** How many borders of a unit lie between two instants. */
export function countUnits(start: number, end: number, { unit, zone, firstWeekday }: Counting): number {
  const from = localTime(start, zone)
  const to = localTime(end, zone)
  if (unit in months) {
    return (
      Math.floor(monthOf(to) / months[unit as keyof typeof months]) -
      Math.floor(monthOf(from) / months[unit as keyof typeof months])
    )
  }
  const length = lengths[unit as keyof typeof lengths]
  if (unit === 'week') return weekNumber(to, firstWeekday) - weekNumber(from, firstWeekday)
  if (unit === 'day') return Math.floor(to / DAY) - Math.floor(from / DAY)
  const shift = zone.offsetAt(end) - zone.offsetAt(start)
  return Math.floor(to / length) - Math.floor(from / length) - Math.trunc(shift / length)
}

/** The beginning of the bin that holds an instant; bins are counted from the year 2000. */
export function truncateTo(instant: number, { unit, zone, firstWeekday, size }: Counting & { size: number }): number {
  const local = localTime(instant, zone)
  if (unit in months) {
    const width = size * months[unit as keyof typeof months]
    const bin = Math.floor((monthOf(local) - monthOf(reference)) / width) * width
    return instantOf(addMonths(reference, bin), zone)
  }
  const width = size * lengths[unit as keyof typeof lengths]
  if (unit !== 'day' && unit !== 'week') {
    const from = instantOf(reference, zone)
    return from + Math.floor((instant - from) / width) * width
  }
  const origin = unit === 'week' ? reference + ((firstWeekday + 1) % 7) * DAY : reference
  return instantOf(origin + Math.floor((local - origin) / width) * width, zone)
}

function addMonths(local: number, amount: number): number {
  const parts = partsOf(local)
  const index = parts.year * 12 + parts.month - 1 + amount
  const year = Math.floor(index / 12)
  const month = index - year * 12 + 1
  return localOf({ ...parts, year, month, day: Math.min(parts.day, daysInMonth(year, month)) })
}

function monthOf(local: number): number {
  const date = new Date(local)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** Weeks since one that began on the wanted day; 1 January 1970 was a Thursday. */
function weekNumber(local: number, firstWeekday: number): number {
  return Math.floor((Math.floor(local / DAY) + 4 - firstWeekday) / 7)
}
