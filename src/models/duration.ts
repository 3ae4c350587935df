// Lengths of time as people write them: 30s, 20m, 12h, 365d.

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Reads a duration into milliseconds; gives undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d|w)$/.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN)
}

/** Reads a moment relative to now, such as `-30d` or `+2h`; gives undefined for what is none. */
export function parseRelative(text: string, now: Date): Date | undefined {
  const match = /^([+-])(\d.*)$/.exec(text.trim())
  const length = match?.[2] === undefined ? undefined : parseDuration(match[2])
  if (length === undefined) return undefined
  return new Date(now.getTime() + (match?.[1] === '-' ? -length : length))
}
