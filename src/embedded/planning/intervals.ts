// Intervals of encoded values: half-open ranges of bytes with the text that explain shows for them.
import { TAGS } from '../keys/encode.ts'

/** One end of an interval, as bytes that lie before or behind the value, and as text. */
export interface End {
  readonly bytes: Buffer
  readonly text: string
  readonly inclusive: boolean
  /** is the limit of a type, not a value that was asked for */
  readonly limit?: true
}

/** All values whose encoding is at least `from` and less than `to`. */
export interface Interval {
  readonly from: End
  readonly to: End
  /** holds one value only */
  readonly point: boolean
}

export interface Range {
  readonly from: Buffer
  readonly to: Buffer
}

export const EVERYTHING: Interval = {
  from: { bytes: Buffer.from([TAGS.minKey]), text: 'MinKey', inclusive: true, limit: true },
  to: { bytes: Buffer.from([0xff]), text: 'MaxKey', inclusive: true, limit: true },
  point: false,
}

/** The smallest bytes greater than all that start with these. */
export function after(bytes: Buffer): Buffer {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0xff) length--
  const next = Buffer.from(bytes.subarray(0, length))
  if (length === 0) return Buffer.from([0xff])
  next[length - 1]!++
  return next
}

/** The interval of one encoded value. */
export function pointAt(bytes: Buffer, text: string | (() => string)): Interval {
  return new Point(bytes, text)
}

// Lists of thousands of values are asked for, and seldom explained: what only explain shows is made for it.
class Point implements Interval {
  readonly point = true
  readonly from: End
  readonly to: End

  constructor(bytes: Buffer, text: string | (() => string)) {
    this.from = new PointEnd(bytes, text)
    this.to = new PointEnd(after(bytes), text)
  }
}

class PointEnd implements End {
  readonly bytes: Buffer
  readonly inclusive = true
  readonly #text: string | (() => string)

  constructor(bytes: Buffer, text: string | (() => string)) {
    this.bytes = bytes
    this.#text = text
  }

  get text(): string {
    return typeof this.#text === 'string' ? this.#text : this.#text()
  }
}

/** What lies in both; each list is disjoint. */
export function intersection(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const common = left.flatMap(a => right.flatMap(b => overlap(a, b)))
  return common.sort((a, b) => Buffer.compare(a.from.bytes, b.from.bytes))
}

/** What lies in any of them, ascending and disjoint. */
export function union(intervals: readonly Interval[]): readonly Interval[] {
  if (intervals.every(({ from }, i) => i === 0 || Buffer.compare(intervals[i - 1]!.to.bytes, from.bytes) <= 0))
    return intervals
  const sorted = ascending(intervals, interval => interval.from.bytes)
  const merged: Interval[] = []
  for (const interval of sorted) {
    const last = merged.at(-1)
    if (last === undefined || Buffer.compare(last.to.bytes, interval.from.bytes) <= 0) merged.push(interval)
    else if (Buffer.compare(last.to.bytes, interval.to.bytes) < 0)
      merged[merged.length - 1] = { from: last.from, to: interval.to, point: false }
  }
  return merged
}

/** Tells whether all of `inner` lies within `outer`; both are disjoint and ascending. */
export function isWithin(inner: readonly Interval[], outer: readonly Interval[]): boolean {
  return inner.every(a =>
    outer.some(b => Buffer.compare(b.from.bytes, a.from.bytes) <= 0 && Buffer.compare(a.to.bytes, b.to.bytes) <= 0),
  )
}

/** Tells whether an encoded value lies in one of the intervals. */
export function holds(intervals: readonly Interval[], bytes: Buffer): boolean {
  return intervals.some(({ from, to }) => Buffer.compare(from.bytes, bytes) <= 0 && Buffer.compare(bytes, to.bytes) < 0)
}

/** The range of an interval in an index that keeps the field in descending order: all bytes are inverted. */
export function inverted(range: Range): Range {
  return { from: after(complement(range.to)), to: after(complement(range.from)) }
}

/** Joins overlapping and touching ranges; the result ascends. */
export function joined(ranges: readonly Range[]): readonly Range[] {
  if (ranges.every(({ from }, i) => i === 0 || Buffer.compare(ranges[i - 1]!.to, from) < 0)) return ranges
  const sorted = ascending(ranges, range => range.from)
  const merged: Range[] = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (last === undefined || Buffer.compare(last.to, range.from) < 0) merged.push(range)
    else if (Buffer.compare(last.to, range.to) < 0) merged[merged.length - 1] = { from: last.from, to: range.to }
  }
  return merged
}

/** Writes an interval as explain does: `[1, 5)`. */
export function intervalText({ from, to }: Interval, direction: 1 | -1): string {
  if (direction === 1) return `${from.inclusive ? '[' : '('}${from.text}, ${to.text}${to.inclusive ? ']' : ')'}`
  return `${to.inclusive ? '[' : '('}${to.text}, ${from.text}${from.inclusive ? ']' : ')'}`
}

function ascending<T>(items: readonly T[], bytesOf: (item: T) => Buffer): readonly T[] {
  return items.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)))
}

function overlap(a: Interval, b: Interval): Interval[] {
  const from = Buffer.compare(a.from.bytes, b.from.bytes) >= 0 ? a.from : b.from
  const to = Buffer.compare(a.to.bytes, b.to.bytes) <= 0 ? a.to : b.to
  if (Buffer.compare(from.bytes, to.bytes) >= 0) return []
  return [{ from, to, point: a.point || b.point }]
}

function complement(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map(byte => ~byte))
}
