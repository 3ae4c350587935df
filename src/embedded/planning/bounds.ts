// Turns the conditions of a query into the bounds and key ranges of one index.

import { LONGEST_KEY } from '../keys/encode.ts'
import type { IndexSpec } from '../keys/index-spec.ts'
import type { FieldBounds } from './field-bounds.ts'
import { after, EVERYTHING, type Interval, intersection, inverted, joined, type Range } from './intervals.ts'
import { type KeyTest, keyTestOf } from './key-test.ts'
import { intervalsOf, type Strings } from './leaf-intervals.ts'
import type { Conjunction, Leaf } from './predicates.ts'

export interface Bounds {
  readonly fields: readonly FieldBounds[]
  /** how many leading fields the ranges bound; the last of them may be bound by an interval, the others by points */
  readonly bound: number
  readonly ranges: readonly Range[]
  /** for keys in the ranges: whether the fields behind `bound` are within their intervals too */
  readonly keyTest?: KeyTest
  /** a document matches the conditions if and only if it has a key in the ranges that passes the test */
  readonly exact: boolean
  /** conditions that every document with a key in the ranges meets */
  readonly answered?: ReadonlySet<Leaf>
}

/** Tells whether the bounds are whole keys, each of which a unique index holds once. */
export function areKeys({ bound, fields }: Bounds, index: IndexSpec): boolean {
  return bound === index.key.length && fields.every(({ intervals }) => intervals.every(({ point }) => point))
}

/** Counts the keys that bounds of whole keys stand for; where some follow each other, their ranges are fewer. */
export function keysOf({ fields }: Bounds): number {
  return fields.reduce((product, { intervals }) => product * intervals.length, 1)
}

/** Gives the bounds that the conditions set on the fields of an index. */
export function boundsOf(conditions: Conjunction, index: IndexSpec, strings: Strings): Bounds {
  const fields: FieldBounds[] = []
  for (const [path, direction] of index.key) {
    const found = bestGroup(groupsOf(path, conditions, { index, strings }), fields, index)
    fields.push({ path, direction, intervals: found?.intervals ?? [EVERYTHING], leaves: found?.leaves ?? [] })
  }
  return rangesOf(fields, conditions, { index, strings })
}

interface Storage {
  readonly index: IndexSpec
  readonly strings: Strings
}

interface Group {
  readonly leaves: readonly Leaf[]
  readonly intervals: readonly Interval[]
}

/**
 * Conditions on one path whose intervals may be intersected: all of them where no array is met; else those
 * that speak of the same element.
 */
function groupsOf(path: string, conditions: Conjunction, { index, strings }: Storage): Group[] {
  const arrays = index.multikey.filter(prefix => isPrefix(prefix, path))
  const groups: Group[] = []
  for (const leaf of conditions) {
    if (leaf.kind !== 'leaf' || leaf.path !== path) continue
    const found = intervalsOf(leaf, strings)
    if (found === undefined) continue
    const position = groups.findIndex(group => areTogether(group.leaves[0]!, leaf, arrays))
    const group = groups[position]
    if (group === undefined) groups.push({ leaves: [leaf], intervals: found.intervals })
    else
      groups[position] = { leaves: [...group.leaves, leaf], intervals: intersection(group.intervals, found.intervals) }
  }
  return groups
}

/** Tells whether two conditions speak of the same element of every one of these arrays. */
function areTogether(left: Leaf, right: Leaf, arrays: readonly string[]): boolean {
  return arrays.every(array => left.scopes.some(scope => right.scopes.includes(scope) && isPrefix(array, scope.path)))
}

function isPrefix(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`)
}

/** Of the groups that fit the fields bounded so far, the one that lets fewest keys through. */
function bestGroup(groups: readonly Group[], bounded: readonly FieldBounds[], index: IndexSpec): Group | undefined {
  const fitting = groups.filter(group => bounded.every(field => fits(group.leaves[0]!, field, index)))
  return fitting.toSorted((a, b) => breadth(a.intervals) - breadth(b.intervals))[0]
}

/** Keys pair values of the same element; conditions on two fields of it only pair when they speak of one element. */
function fits(leaf: Leaf, { path, leaves }: FieldBounds, index: IndexSpec): boolean {
  if (leaves.length === 0) return true
  const shared = index.multikey.filter(array => isPrefix(array, path) && isPrefix(array, leaf.path))
  return areTogether(leaf, leaves[0]!, shared)
}

/** No condition counts as more: where there is one, an index beats looking at all documents. */
const WIDEST = 0.8

/** Guesses the share of keys that intervals let through. */
export function breadth(intervals: readonly Interval[]): number {
  return Math.min(
    WIDEST,
    intervals.reduce((sum, interval) => sum + share(interval), 0),
  )
}

function share(interval: Interval): number {
  if (interval.point) return 0.01
  if (interval === EVERYTHING) return WIDEST
  const limits = (interval.from.limit === true ? 1 : 0) + (interval.to.limit === true ? 1 : 0)
  return [0.1, 0.3, 0.5][limits]!
}

const MOST_RANGES = 10_000

function rangesOf(fields: readonly FieldBounds[], conditions: Conjunction, how: Storage): Bounds {
  let prefixes: Buffer[] = [Buffer.alloc(0)]
  let bound = 0
  for (const field of fields) {
    const points = field.intervals.every(({ point }) => point)
    if (field.leaves.length === 0 || !points || prefixes.length * field.intervals.length > MOST_RANGES) break
    const ends = field.intervals.map(({ from }) => directed(from.bytes, field.direction))
    prefixes = bound === 0 ? ends : prefixes.flatMap(prefix => ends.map(end => Buffer.concat([prefix, end])))
    bound++
  }
  const next = fields[bound]
  if (next === undefined || next.leaves.length === 0)
    return finished(fields, bound, { ranges: wholeRanges(fields, bound, prefixes), conditions, ...how })
  const ends = next.intervals.map(({ from, to }) => directedRange({ from: from.bytes, to: to.bytes }, next.direction))
  const ranges = prefixes.flatMap(prefix =>
    ends.map(({ from, to }) => ({ from: Buffer.concat([prefix, from]), to: Buffer.concat([prefix, to]) })),
  )
  return finished(fields, bound + 1, { ranges, conditions, ...how })
}

// The ends of the points of one field are there already.
function wholeRanges([first]: readonly FieldBounds[], bound: number, prefixes: readonly Buffer[]): Range[] {
  if (bound !== 1 || first!.direction !== 1) return prefixes.map(whole)
  return first!.intervals.map(({ from, to }) => ({ from: from.bytes, to: to.bytes }))
}

function whole(prefix: Buffer): Range {
  return { from: prefix, to: after(prefix) }
}

function directed(bytes: Buffer, direction: 1 | -1): Buffer {
  return direction === 1 ? bytes : Buffer.from(bytes.map(byte => ~byte))
}

function directedRange(range: Range, direction: 1 | -1): Range {
  return direction === 1 ? range : inverted(range)
}

interface Unfinished extends Storage {
  readonly ranges: readonly Range[]
  readonly conditions: Conjunction
}

function finished(fields: readonly FieldBounds[], bound: number, unfinished: Unfinished): Bounds {
  const { ranges, conditions, index, strings } = unfinished
  const keyTest = index.truncated ? undefined : keyTestOf(fields, bound)
  const bounded = (keyTest === undefined ? fields.slice(0, bound) : fields).flatMap(field => field.leaves)
  const areShort = ranges.every(isShort)
  const answered = new Set(areShort ? bounded.filter(leaf => intervalsOf(leaf, strings)?.exact === true) : [])
  const found = {
    fields,
    bound,
    ranges: joined(areShort ? ranges : ranges.map(range => (isShort(range) ? range : shortened(range)))),
    exact: areShort && conditions.every(one => one.kind === 'leaf' && answered.has(one)),
    answered,
  }
  return keyTest === undefined ? found : { ...found, keyTest }
}

function isShort({ from, to }: Range): boolean {
  return from.length <= LONGEST_KEY && to.length <= LONGEST_KEY
}

/** Keys are cut to a greatest length, so bounds longer than that are widened. */
function shortened({ from, to }: Range): Range {
  return {
    from: from.length > LONGEST_KEY ? from.subarray(0, LONGEST_KEY) : from,
    to: to.length > LONGEST_KEY ? after(to.subarray(0, LONGEST_KEY)) : to,
  }
}
