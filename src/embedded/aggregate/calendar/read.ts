// Reads dates out of strings, freely as ISO 8601 and common forms, or by a format.
import { CommandError } from '../../errors.ts'
import { MONTHS } from './format.ts'
import { DAY, daysInMonth, localOf, localOfIsoWeek, type Parts, startOfYear } from './parts.ts'
import { instantOf, namedZone, UTC, type Zone } from './zone.ts'

const time = String.raw`(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?`
const zoneText = String.raw`\s*(Z|z|[A-Za-z]+(?:/[\w+/-]+)?|(?:GMT|UTC)?[+-]\d{2}:?(?:\d{2})?)?`
const monthText = '([A-Za-z]{3,9})'
const forms: readonly (readonly [
  RegExp,
  (found: readonly string[]) => readonly [year: string, month: string, day: string],
])[] = [
  [form(String.raw`(\d{4})-(\d{1,2})-(\d{1,2})`), ([a, b, c]) => [a!, b!, c!]],
  [form(String.raw`(\d{4})/(\d{1,2})/(\d{1,2})`), ([a, b, c]) => [a!, b!, c!]],
  [form(String.raw`(\d{4})(\d{2})(\d{2})`), ([a, b, c]) => [a!, b!, c!]],
  [form(String.raw`(\d{1,2})/(\d{1,2})/(\d{4})`), ([a, b, c]) => [c!, a!, b!]],
  [form(String.raw`(\d{1,2})[-.](\d{1,2})[-.](\d{4})`), ([a, b, c]) => [c!, b!, a!]],
  [
    form(String.raw`(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]${monthText}[\s,-]+(\d{4})`),
    ([a, b, c]) => [c!, b!, a!],
  ],
  [
    form(String.raw`(?:[A-Za-z]{3,9},?\s+)?${monthText}\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})`),
    ([a, b, c]) => [c!, a!, b!],
  ],
]

/** Reads a date in one of the usual forms; throws ConversionFailure when it is none. */
export function readDate(text: string, zone?: Zone | undefined): number {
  for (const [pattern, order] of forms) {
    const found = pattern.exec(text)
    if (!found) continue
    const [year, month, day] = order(found.slice(1, 4) as string[])
    const [hour, minute, second, fraction, name] = found.slice(4)
    const parts = checked(
      {
        year: Number(year),
        month: monthNumber(month),
        day: Number(day),
        hour: Number(hour ?? 0),
        minute: Number(minute ?? 0),
        second: Number(second ?? 0),
        millisecond: Number((fraction ?? '').slice(0, 3).padEnd(3, '0')),
      },
      text,
    )
    return instantOf(localOf(parts), zoneFor(name, zone, text))
  }
  throw conversionFailure(text)
}

const fields: Readonly<Record<string, string>> = {
  b: '(?<month>[A-Za-z]{3})',
  B: '(?<month>[A-Za-z]{3,9})',
  d: String.raw`(?<day>\d{1,2})`,
  G: String.raw`(?<isoYear>\d{1,4})`,
  H: String.raw`(?<hour>\d{1,2})`,
  j: String.raw`(?<dayOfYear>\d{1,3})`,
  L: String.raw`(?<millisecond>\d{1,3})`,
  m: String.raw`(?<month>\d{1,2})`,
  M: String.raw`(?<minute>\d{1,2})`,
  S: String.raw`(?<second>\d{1,2})`,
  u: '(?<isoDay>[1-7])',
  V: String.raw`(?<isoWeek>\d{1,2})`,
  Y: String.raw`(?<year>\d{4})`,
  z: String.raw`(?<zone>Z|[+-]\d{2}:?\d{2}|[A-Za-z]+(?:/\w+)*)`,
  Z: String.raw`(?<minutes>[+-]\d{1,4})`,
  '%': '%',
}

/** Reads a date written by a format such as %d/%m/%Y. */
export function readDateBy(text: string, format: string, zone?: Zone | undefined): number {
  const pattern = format.replace(/%(.?)|[^%]/gs, (character: string, specifier?: string) => {
    if (specifier === undefined)
      return /\w/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`
    const field = fields[specifier]
    if (field) return field
    throw new CommandError(18536, `Invalid format character '%${specifier}' in format string`)
  })
  const found = compiledFormat(pattern, format).exec(text)?.groups
  if (!found) throw conversionFailure(text)
  return instantOf(localFrom(found, text), formattedZone(found, zone, text))
}

function compiledFormat(pattern: string, format: string): RegExp {
  try {
    return new RegExp(`^${pattern}$`, 'u')
  } catch (cause) {
    throw new CommandError('ConversionFailure', `the format '${format}' names a part twice`, { cause })
  }
}

function localFrom(found: Readonly<Record<string, string | undefined>>, text: string): number {
  const number = (name: string, otherwise: number) => Number(found[name] ?? otherwise)
  const clock = {
    hour: number('hour', 0),
    minute: number('minute', 0),
    second: number('second', 0),
    millisecond: number('millisecond', 0),
  }
  checked({ year: 2000, month: 1, day: 1, ...clock }, text)
  const ofDay = localOf({ year: 1970, month: 1, day: 1, ...clock })
  if (found.isoYear !== undefined) {
    return localOfIsoWeek(number('isoYear', 1970), number('isoWeek', 1), number('isoDay', 1)) + ofDay
  }
  const complete = found.dayOfYear !== undefined || (found.month !== undefined && found.day !== undefined)
  if (found.year === undefined || !complete) {
    throw conversionFailure(text, 'an incomplete date/time string has been found, with elements missing')
  }
  if (found.dayOfYear !== undefined)
    return startOfYear(Number(found.year)) + (Number(found.dayOfYear) - 1) * DAY + ofDay
  return localOf(
    checked({ year: Number(found.year), month: monthNumber(found.month!), day: Number(found.day), ...clock }, text),
  )
}

function formattedZone(
  found: Readonly<Record<string, string | undefined>>,
  zone: Zone | undefined,
  text: string,
): Zone {
  if (found.minutes === undefined) return zoneFor(found.zone, zone, text)
  const offset = Number(found.minutes) * 60_000
  return { utc: offset === 0, offsetAt: () => offset }
}

function form(date: string): RegExp {
  return new RegExp(String.raw`^\s*${date}${time}${zoneText}\s*$`)
}

function monthNumber(text: string): number {
  if (/^\d/.test(text)) return Number(text)
  const lower = text.toLowerCase()
  return MONTHS.findIndex(month => month.toLowerCase() === lower || month.slice(0, 3).toLowerCase() === lower) + 1
}

function checked(parts: Parts, text: string): Parts {
  const fits =
    parts.month >= 1 &&
    parts.month <= 12 &&
    parts.day >= 1 &&
    parts.day <= daysInMonth(parts.year, parts.month) &&
    parts.hour <= 24 &&
    parts.minute <= 59 &&
    parts.second <= 59
  if (fits) return parts
  throw conversionFailure(text)
}

function zoneFor(name: string | undefined, zone: Zone | undefined, text: string): Zone {
  if (name === undefined) return zone ?? UTC
  if (zone) {
    throw conversionFailure(
      text,
      'you cannot pass in a date/time string with time zone information together with a timezone argument',
    )
  }
  if (/^(z|utc|gmt)$/i.test(name)) return UTC
  try {
    return namedZone(name.replace(/^(GMT|UTC)/, ''))
  } catch (cause) {
    throw conversionFailure(text, cause instanceof Error ? cause.message : undefined)
  }
}

function conversionFailure(text: string, why = 'it is not a date'): CommandError {
  return new CommandError('ConversionFailure', `Error parsing date string '${text}'; ${why}`)
}
