// Tests the values inside index keys, for conditions on fields that the ranges of a walk do not bound.
import { endOfValue } from '../keys/walk.ts'
import type { FieldBounds } from './field-bounds.ts'
import { holds } from './intervals.ts'

/** Tells of an encoded key, without its record, whether a document with it can match. */
export type KeyTest = (key: Buffer) => boolean

/** Gives the test of the bounded fields from `start` on; undefined where there are none. */
export function keyTestOf(fields: readonly FieldBounds[], start: number): KeyTest | undefined {
  const last = fields.findLastIndex(({ leaves }) => leaves.length > 0)
  if (last < start) return undefined
  return key => {
    let at = 0
    for (let i = 0; i <= last; i++) {
      const field = fields[i]!
      const end = endOfValue(key, at, field.direction)
      if (i >= start && field.leaves.length > 0 && !isWithin(key.subarray(at, end), field)) return false
      at = end
    }
    return true
  }
}

function isWithin(bytes: Buffer, { direction, intervals }: FieldBounds): boolean {
  return holds(intervals, direction === 1 ? bytes : Buffer.from(bytes.map(byte => ~byte)))
}
