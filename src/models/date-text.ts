// Dates as text: ISO 8601, and only days that the calendar has.

/** Reads a date, with or without a time; gives undefined for what is none, such as February 30th. */
export function dateFrom(text: string): Date | undefined {
  const match = /^(\d{4}|[+-]\d{6})(?:-(\d\d)(?:-(\d\d)(?:[T ]\S.*)?)?)?$/.exec(text.trim())
  if (!match) return undefined
  const date = new Date(text.trim())
  if (Number.isNaN(date.getTime())) return undefined
  const [year = 0, month = 1, day = 1] = match.slice(1).map(part => Number(part ?? 1))
  return day <= daysOf(year, month) ? date : undefined
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
