// Runs $densify: adds documents where a series of numbers or dates has gaps.
import { type Document, int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { add, isNumber, multiply } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues, hashValue } from '../../values/values.ts'
import { addUnits } from '../calendar/units.ts'
import { UTC } from '../calendar/zone.ts'
import { integerOf } from '../integer.ts'
import { isNullish, type Result } from '../operator.ts'
import { valueAtPath, withValueAt } from '../path.ts'
import type { StageOperator } from '../stage.ts'
import { type Densifying, densifyingOf } from './densify-specification.ts'

export const densify: StageOperator = specification => {
  const densifying = densifyingOf(specification)
  return {
    reads: null,
    run: function* (input: Iterable<Document>) {
      const documents = [...input]
      const placed = documents.filter(document => !isNullish(valueAtPath(document, densifying.field, 0)))
      yield* documents.filter(document => isNullish(valueAtPath(document, densifying.field, 0)))
      yield* densified(placed, densifying)
    },
  }
}

interface Entry {
  readonly document: Document
  readonly position: Value
}

interface Span {
  readonly low: Value
  readonly high: Value
  /** whether the upper border itself belongs to the series */
  readonly closed: boolean
}

function* densified(documents: readonly Document[], densifying: Densifying): Iterable<Document> {
  const entries = documents.map(document => ({ document, position: positionIn(document, densifying) }))
  entries.sort((a, b) => compareValues(a.position, b.position))
  const overall = spanOf(entries, densifying)
  const partitions = partitionsOf(entries, densifying)
  if (partitions.size === 0 && overall) partitions.set('', [])
  for (const partition of partitions.values()) {
    const span = densifying.bounds === 'partition' ? spanOf(partition, densifying) : overall
    if (span) yield* series(partition, span, densifying)
  }
}

function positionIn(document: Document, densifying: Densifying): Value {
  return checkedPosition(valueAtPath(document, densifying.field, 0), densifying)
}

function partitionsOf(entries: readonly Entry[], densifying: Densifying): Map<string, Entry[]> {
  const partitions = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = keyOf(entry.document, densifying)
    const known = partitions.get(key)
    if (known) known.push(entry)
    else partitions.set(key, [entry])
  }
  return partitions
}

function spanOf(entries: readonly Entry[], { bounds }: Densifying): Span | undefined {
  if (typeof bounds !== 'string') return { low: bounds[0], high: bounds[1], closed: false }
  const [first] = entries
  return first && { low: first.position, high: entries.at(-1)!.position, closed: true }
}

function keyOf(document: Document, { partition }: Densifying): string {
  return partition.map(names => hashValue(valueAtPath(document, names, 0))).join('\0')
}

/** The documents that are there and those of the series that are not, in order. */
function* series(entries: readonly Entry[], span: Span, densifying: Densifying): Iterable<Document> {
  const sample = entries[0]?.document
  let next = 0
  for (let step = 0; ; step++) {
    const position = stepped(span.low, step, densifying)
    const order = compareValues(position, span.high)
    if (order > 0 || (order === 0 && !span.closed)) break
    while (next < entries.length && compareValues(entries[next]!.position, position) < 0)
      yield entries[next++]!.document
    if (next < entries.length && compareValues(entries[next]!.position, position) === 0) continue
    yield generated(position, sample, densifying)
  }
  while (next < entries.length) yield entries[next++]!.document
}

function generated(position: Value, sample: Document | undefined, { field, partition }: Densifying): Document {
  let document: Document = new Map()
  for (const names of partition) {
    const value = sample && valueAtPath(sample, names, 0)
    if (value !== undefined) document = withValueAt(document, names, value)
  }
  return withValueAt(document, field, position)
}

function stepped(low: Value, times: number, { step, unit }: Densifying): Value {
  if (low instanceof Date && unit)
    return new Date(addUnits(low.getTime(), times * integerOf(step)!, { unit, zone: UTC }))
  if (!isNumber(low)) throw new CommandError(5733201, 'Densify field type must be numeric or a date')
  return times === 0 ? low : add(low, multiply(step, int32(times)))
}

function checkedPosition(value: Result, { unit }: Densifying): Value {
  if (unit ? value instanceof Date : isNumber(value)) return value as Value
  if (unit)
    throw new CommandError(
      6053600,
      `Encountered non-date value in collection when step has a date unit: ${typeName(value)}`,
    )
  if (value instanceof Date)
    throw new CommandError(6053600, 'Encountered date densify value in collection when step does not have a date unit.')
  throw new CommandError(5733201, `Densify field type must be numeric, found ${typeName(value)}`)
}
