// Reads windows and finds which documents lie in the window of each.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { add, isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues } from '../../values/values.ts'
import { addUnits, type Unit, unitOf } from '../calendar/units.ts'
import { UTC } from '../calendar/zone.ts'
import { integerOf } from '../integer.ts'
import type { Result, Scope } from '../operator.ts'
import type { Partition } from './partition.ts'

/** 'unbounded', 'current', or a distance. */
type Bound = Value

export interface Window {
  readonly kind: 'documents' | 'range'
  readonly lower: Bound
  readonly upper: Bound
  readonly unit: Unit | undefined
}

export interface Extent {
  /** the first document */
  readonly from: number
  /** one behind the last document */
  readonly to: number
}

const whole: Window = { kind: 'documents', lower: 'unbounded', upper: 'unbounded', unit: undefined }

/** Reads `window`; none means the whole partition. */
export function windowOf(specification: Value | undefined, scope: Scope): Window {
  if (specification === undefined) return whole
  if (!(specification instanceof Map)) throw failed("'window' field must be an object")
  for (const key of specification.keys()) {
    if (key !== 'documents' && key !== 'range' && key !== 'unit')
      throw failed(`'window' field that is not recognized: ${key}`)
  }
  if (specification.size === 0) return whole
  return boundedWindow(specification, scope)
}

export function isWhole({ lower, upper }: Window): boolean {
  return lower === 'unbounded' && upper === 'unbounded'
}

/** The extent of the window of each document, in order. */
export function extentsOf(window: Window, partition: Partition): Extent[] {
  if (window.kind === 'documents') return documentExtents(window, partition.documents.length)
  return rangeExtents(window, partition)
}

function failed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

function boundedWindow(specification: Document, scope: Scope): Window {
  const documents = specification.get('documents')
  const range = specification.get('range')
  const unit = specification.get('unit')
  if (documents !== undefined && range !== undefined)
    throw failed("Window bounds can specify either 'documents' or 'range', not both.")
  const bounds = documents ?? range
  if (bounds === undefined) throw failed("'window' field requires either 'documents' or 'range'")
  if (!Array.isArray(bounds) || bounds.length !== 2) throw failed('Window bounds must be a 2-element array')
  if (documents !== undefined && unit !== undefined)
    throw failed("Window bounds can only specify 'unit' with range-based bounds.")
  const [lower, upper] = bounds.map(bound => constantOf(bound, scope)) as [Value, Value]
  const kind = documents === undefined ? 'range' : 'documents'
  const known = unitIn(unit)
  for (const bound of [lower, upper]) checkBound(bound, kind, known)
  checkOrder(lower, upper)
  return { kind, lower, upper, unit: known }
}

function constantOf(bound: Value, scope: Scope): Bound {
  if (bound === 'unbounded' || bound === 'current') return bound
  if (typeof bound === 'string') throw failed("Window bounds must be 'unbounded', 'current', or a number.")
  const { constant, evaluate } = scope.compile(bound)
  if (!constant) throw failed('Window bounds expression must be a constant.')
  return evaluate(new Map(), new Map()) ?? null
}

function checkBound(bound: Bound, kind: Window['kind'], unit: Unit | undefined): void {
  if (bound === 'unbounded' || bound === 'current') return
  if (kind === 'documents' && integerOf(bound) === undefined) {
    throw failed("Numeric document-based bounds must be an integer, 'unbounded' or 'current'")
  }
  if (unit && integerOf(bound) === undefined) throw failed("With 'unit', range-based bounds must be an integer")
  if (!isNumber(bound)) throw failed("Range-based bounds expression must be a number, 'unbounded' or 'current'")
}

function checkOrder(lower: Bound, upper: Bound): void {
  const distance = (bound: Bound) => (bound === 'current' ? 0 : isNumber(bound) ? Number(bound.toString()) : undefined)
  const [from, to] = [distance(lower), distance(upper)]
  if (from !== undefined && to !== undefined && from > to) {
    throw new CommandError(5339900, `Lower bound must not exceed upper bound: [${from}, ${to}]`)
  }
}

function unitIn(unit: Value | undefined): Unit | undefined {
  if (unit === undefined) return undefined
  if (typeof unit !== 'string') throw failed("'unit' must be a string")
  return unitOf(unit)
}

function documentExtents({ lower, upper }: Window, count: number): Extent[] {
  const offset = (bound: Bound) => (bound === 'current' ? 0 : integerOf(bound)!)
  return Array.from({ length: count }, (_, at) => {
    const from = lower === 'unbounded' ? 0 : Math.max(0, at + offset(lower))
    const to = upper === 'unbounded' ? count : Math.min(count, at + offset(upper) + 1)
    return { from: Math.min(from, count), to: Math.max(Math.min(from, count), to) }
  })
}

/** Positions ascend, so both ends of the window only move forward. */
function rangeExtents({ lower, upper, unit }: Window, { positions }: Partition): Extent[] {
  let from = 0
  let to = 0
  return positions.map(position => {
    const low = lower === 'unbounded' ? undefined : moved(position, lower, unit)
    const high = upper === 'unbounded' ? undefined : moved(position, upper, unit)
    if (lower !== 'unbounded') while (from < positions.length && compareValues(positions[from], low) < 0) from++
    if (upper === 'unbounded') to = positions.length
    else while (to < positions.length && compareValues(positions[to], high) <= 0) to++
    return { from, to: Math.max(from, to) }
  })
}

function moved(position: Result, bound: Bound, unit: Unit | undefined): Result {
  if (bound === 'current' || !isNumber(bound)) return position
  if (unit) {
    if (!(position instanceof Date)) throw new CommandError(5429513, 'Expected the sortBy field to be a Date')
    return new Date(addUnits(position.getTime(), Number(bound.toString()), { unit, zone: UTC }))
  }
  if (!isNumber(position)) {
    throw new CommandError(
      5429414,
      `Invalid range: Expected the sortBy field to be a number, but it was ${typeName(position)}`,
    )
  }
  return add(position, bound)
}
