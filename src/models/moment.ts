// Moments as people and programs write them: ISO 8601, and nothing that would have to be guessed.
import { parseRelative } from './duration.ts'

const written =
  /^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:(?<=-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** Reads a moment such as 2026-01-31 or 2026-01-31T12:00:00+02:00; gives undefined for what is none. */
export function momentOf(text: string): Date | undefined {
  const [, year, month = '01', day = '01', time, zone = ''] = written.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  // JavaScript makes the second of March of the 30th of February.
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined
  if (time === undefined) return midnight
  const moment = new Date(`${year}-${month}-${day}T${time.replace(',', '.')}${zoneOf(zone)}`)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** Reads a moment, `now`, or one relative to now such as `-2h`; gives undefined for what is none. */
export function timeOf(text: string, now: Date): Date | undefined {
  return text.trim() === 'now' ? now : (parseRelative(text, now) ?? momentOf(text))
}

function zoneOf(text: string): string {
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? []
  return sign === undefined ? text.toUpperCase() : `${sign}${hours}:${minutes}`
}
