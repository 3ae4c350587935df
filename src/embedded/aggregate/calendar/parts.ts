// Takes local times apart into the parts of the calendar, the ISO week calendar included.

export const DAY = 86_400_000
export const HOUR = 3_600_000
export const MINUTE = 60_000

export interface Parts {
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
}

export function partsOf(local: number): Parts {
  const date = new Date(local)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  }
}

/** The local time of parts; parts beyond their range carry over, as month 14 does. */
export function localOf(parts: Parts): number {
  const date = new Date(0)
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day)
  return date.getTime() + parts.hour * HOUR + parts.minute * MINUTE + parts.second * 1000 + parts.millisecond
}

/** The local time at which a day begins, counted from 1 January of a year. */
export function startOfYear(year: number): number {
  return localOf({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 })
}

export function dayOfYear(local: number): number {
  return Math.floor((local - startOfYear(partsOf(local).year)) / DAY) + 1
}

/** 1 for Sunday to 7 for Saturday. */
export function dayOfWeek(local: number): number {
  return new Date(local).getUTCDay() + 1
}

/** 1 for Monday to 7 for Sunday. */
export function isoDayOfWeek(local: number): number {
  return new Date(local).getUTCDay() || 7
}

/** Weeks begin on Sundays; the days before the first Sunday of a year are week 0. */
export function weekOfYear(local: number): number {
  return Math.floor((dayOfYear(local) + 7 - dayOfWeek(local)) / 7)
}

/** The year and the number of the ISO week, which belong to the week's Thursday. */
export function isoWeek(local: number): { readonly year: number; readonly week: number } {
  const thursday = local + (4 - isoDayOfWeek(local)) * DAY
  return { year: partsOf(thursday).year, week: Math.ceil(dayOfYear(thursday) / 7) }
}

/** The local time at which an ISO week's day begins. */
export function localOfIsoWeek(year: number, week: number, day: number): number {
  const fourth = startOfYear(year) + 3 * DAY
  const monday = fourth - (isoDayOfWeek(fourth) - 1) * DAY
  return monday + (week - 1) * 7 * DAY + (day - 1) * DAY
}

export function daysInMonth(year: number, month: number): number {
  return new Date(
    localOf({ year, month: month + 1, day: 0, hour: 0, minute: 0, second: 0, millisecond: 0 }),
  ).getUTCDate()
}
