// Runs $bucketAuto: so many buckets of about equal size.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues } from '../../values/values.ts'
import { compileExpression } from '../expression.ts'
import { integerOf } from '../integer.ts'
import type { Result } from '../operator.ts'
import { bothFields, type StageOperator, variablesOf } from '../stage.ts'
import { type Accumulations, compileAccumulators } from './accumulations.ts'
import { groupByIn } from './bucket.ts'
import { outputEntries } from './buckets.ts'
import { type Granularity, granularityOf } from './granularity.ts'

const options = new Set(['groupBy', 'buckets', 'output', 'granularity'])

export const bucketAuto: StageOperator = (specification, { environment }) => {
  const given = checkedSpecification(specification)
  const by = compileExpression(groupByIn(given, 40239), environment)
  const count = countIn(given.get('buckets'))
  const granularity = granularityOf(given.get('granularity'))
  const fields = compileAccumulators(outputEntries(given.get('output'), 40244), environment)
  const variables = variablesOf(environment)
  return {
    reads: bothFields(by.fields, fields.reads),
    closes: true,
    run: function* (input: Iterable<Document>) {
      const entries = Array.from(input, document => ({ document, value: by.evaluate(document, variables) ?? null }))
      entries.sort((a, b) => compareValues(a.value, b.value, environment.collation))
      if (granularity) for (const { value } of entries) checkGranular(value)
      const isSame = (a: Value, b: Value) => compareValues(a, b, environment.collation) === 0
      for (const { min, max, members } of split(entries, count, { granularity, isSame })) {
        yield output({ min, max, members }, fields, variables)
      }
    },
  }
}

interface Entry {
  readonly document: Document
  readonly value: Value
}

interface Bucket {
  min: Value
  max: Value
  readonly members: Entry[]
}

interface Splitting {
  readonly granularity: Granularity | undefined
  isSame(a: Value, b: Value): boolean
}

function split(entries: readonly Entry[], count: number, { granularity, isSame }: Splitting): Bucket[] {
  const size = Math.max(1, Math.round(entries.length / count))
  const buckets: Bucket[] = []
  let at = 0
  while (at < entries.length && buckets.length < count) {
    const last = buckets.length === count - 1
    const start = at
    at = last ? entries.length : Math.min(entries.length, at + size)
    const border = granularity ? granularity.above(entries[at - 1]!.value) : entries[at - 1]!.value
    const greatest = entries[at - 1]!.value
    const belongs = (value: Value) => (granularity && compareValues(value, border) < 0) || isSame(value, greatest)
    while (at < entries.length && belongs(entries[at]!.value)) at++
    buckets.push({
      min: entries[start]!.value,
      max: granularity ? roundedMax(border, entries[at]?.value, granularity) : entries[at - 1]!.value,
      members: entries.slice(start, at),
    })
  }
  return joined(buckets, granularity)
}

/** A bucket of zeros, which no preferred number is above, ends where the next may begin. */
function roundedMax(border: Value, next: Value | undefined, granularity: Granularity): Value {
  return next !== undefined && isNumber(border) && toDouble(border) === 0 ? granularity.below(next) : border
}

/** Buckets touch: each ends where the next begins. */
function joined(buckets: Bucket[], granularity: Granularity | undefined): Bucket[] {
  for (const [at, bucket] of buckets.entries()) {
    const next = buckets[at + 1]
    if (granularity) bucket.min = at === 0 ? granularity.below(bucket.min) : buckets[at - 1]!.max
    else if (next) bucket.max = next.min
  }
  return buckets
}

function output(
  { min, max, members }: Bucket,
  fields: Accumulations,
  variables: ReturnType<typeof variablesOf>,
): Document {
  const id: Document = new Map([
    ['min', min],
    ['max', max],
  ])
  const made: Document = new Map<string, Value>([['_id', id]])
  for (const [at, { input, create }] of fields.accumulations.entries()) {
    const tally = create(id)
    for (const { document } of members) tally.add(input(document, variables))
    made.set(fields.names[at]!, tally.result() ?? null)
  }
  return made
}

function checkedSpecification(specification: Value): Document {
  if (!(specification instanceof Map)) throw new CommandError(40240, 'The argument to $bucketAuto must be an object')
  for (const key of specification.keys()) {
    if (!options.has(key)) throw new CommandError(40245, `Unrecognized option to $bucketAuto: ${key}`)
  }
  if (specification.has('groupBy') && specification.has('buckets')) return specification
  throw new CommandError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified")
}

function countIn(value: Result): number {
  if (!isNumber(value))
    throw new CommandError(
      40241,
      `The $bucketAuto 'buckets' field must be a numeric value, but found type: ${typeName(value)}`,
    )
  const count = integerOf(value)
  if (count === undefined)
    throw new CommandError(40242, "The $bucketAuto 'buckets' field must be representable as a 32-bit integer")
  if (count <= 0)
    throw new CommandError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found: ${count}`)
  return count
}

function checkGranular(value: Value): void {
  if (!isNumber(value)) {
    throw new CommandError(
      40258,
      `$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with type: ${typeName(value)}`,
    )
  }
  const number = toDouble(value)
  if (Number.isNaN(number))
    throw new CommandError(
      40259,
      "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN",
    )
  if (number < 0)
    throw new CommandError(
      40260,
      `$bucketAuto can specify a 'granularity' with non-negative numbers only, but found: ${number}`,
    )
}
