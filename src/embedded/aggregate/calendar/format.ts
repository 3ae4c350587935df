// Writes dates by formats such as %Y-%m-%d.
import { CommandError } from '../../errors.ts'
import { dayOfWeek, dayOfYear, isoDayOfWeek, isoWeek, MINUTE, partsOf, weekOfYear } from './parts.ts'
import { localTime, type Zone } from './zone.ts'

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

interface Moment {
  readonly local: number
  readonly offset: number
}

const specifiers: Readonly<Record<string, (moment: Moment) => string>> = {
  '%': () => '%',
  b: ({ local }) => MONTHS[partsOf(local).month - 1]!.slice(0, 3),
  B: ({ local }) => MONTHS[partsOf(local).month - 1]!,
  d: ({ local }) => padded(partsOf(local).day, 2),
  G: ({ local }) => padded(isoWeek(local).year, 4),
  H: ({ local }) => padded(partsOf(local).hour, 2),
  j: ({ local }) => padded(dayOfYear(local), 3),
  L: ({ local }) => padded(partsOf(local).millisecond, 3),
  m: ({ local }) => padded(partsOf(local).month, 2),
  M: ({ local }) => padded(partsOf(local).minute, 2),
  S: ({ local }) => padded(partsOf(local).second, 2),
  u: ({ local }) => String(isoDayOfWeek(local)),
  U: ({ local }) => padded(weekOfYear(local), 2),
  V: ({ local }) => padded(isoWeek(local).week, 2),
  w: ({ local }) => String(dayOfWeek(local)),
  Y: ({ local }) => padded(partsOf(local).year, 4),
  z: ({ offset }) => offsetText(offset),
  Z: ({ offset }) => String(Math.trunc(offset / MINUTE)),
}

/** Refuses a format with an unknown specifier. */
export function checkFormat(format: string): void {
  for (const [whole, specifier] of format.matchAll(/%(.?)/gs)) {
    if (specifier === '') throw new CommandError(18535, "Unmatched '%' at end of format string")
    if (specifiers[specifier!]) continue
    throw new CommandError(18536, `Invalid format character '${whole}' in format string`)
  }
}

export function formatDate(instant: number, format: string, zone: Zone): string {
  const moment = { local: localTime(instant, zone), offset: zone.offsetAt(instant) }
  const { year } = partsOf(moment.local)
  if (!(year >= 0 && year <= 9999)) {
    throw new CommandError(
      18537,
      `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
    )
  }
  return format.replace(/%(.)/gs, (_, specifier: string) => specifiers[specifier]!(moment))
}

function padded(number: number, width: number): string {
  return String(number).padStart(width, '0')
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / MINUTE
  return `${offset < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${padded(Math.floor(minutes % 60), 2)}`
}
