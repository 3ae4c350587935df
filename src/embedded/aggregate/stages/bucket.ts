// Runs $bucket: groups values between given borders.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import type { Collation } from '../../values/collation.ts'
import { compareValues, rankOf } from '../../values/values.ts'
import { compileExpression } from '../expression.ts'
import type { Result } from '../operator.ts'
import { bothFields, type StageEnvironment, type StageOperator, variablesOf } from '../stage.ts'
import { compileAccumulators } from './accumulations.ts'
import { Buckets, outputEntries } from './buckets.ts'

const options = new Set(['groupBy', 'boundaries', 'default', 'output'])

export const bucket: StageOperator = (specification, { environment }) => {
  const given = bucketSpecification(specification)
  const by = compileExpression(groupByIn(given, 40202), environment)
  const boundaries = boundariesIn(given.get('boundaries')!, environment)
  const fallback = defaultIn(given.get('default'), boundaries, environment)
  const fields = compileAccumulators(outputEntries(given.get('output'), 40196), environment)
  const variables = variablesOf(environment)
  return {
    reads: bothFields(by.fields, fields.reads),
    closes: true,
    run: function* (input: Iterable<Document>) {
      const buckets = new Buckets(fields, variables)
      for (const document of input) {
        const place = placeOf(by.evaluate(document, variables), boundaries, environment.collation)
        if (place < 0 && fallback === undefined) {
          throw new CommandError(
            40066,
            '$switch could not find a matching branch for an input, and no default was specified.',
          )
        }
        buckets.add(place < 0 ? fallback! : boundaries[place]!, document)
      }
      yield* buckets.documents((a, b) => compareValues(a, b, environment.collation))
    },
  }
}

/** The expression to group by: a path or an operator. */
export function groupByIn(given: Document, code: number): Value {
  const by = given.get('groupBy')!
  const isOperator = by instanceof Map && by.keys().next().value?.startsWith('$')
  if (isOperator || (typeof by === 'string' && by.startsWith('$'))) return by
  throw new CommandError(code, `The 'groupBy' field must be defined as a $-prefixed path or an expression`)
}

function bucketSpecification(specification: Value): Document {
  if (!(specification instanceof Map)) throw new CommandError(40201, 'Argument to $bucket stage must be an object')
  for (const key of specification.keys()) {
    if (!options.has(key)) throw new CommandError(40197, `Unrecognized option to $bucket: ${key}.`)
  }
  if (specification.has('groupBy') && specification.has('boundaries')) return specification
  throw new CommandError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.")
}

function boundariesIn(value: Value, environment: StageEnvironment): readonly Value[] {
  if (!Array.isArray(value)) throw new CommandError(40200, "The $bucket 'boundaries' field must be an array")
  const boundaries = value.map(each => constant(each, environment, 40191))
  if (boundaries.length < 2) throw new CommandError(40192, "The $bucket 'boundaries' field must have at least 2 values")
  for (let at = 1; at < boundaries.length; at++) {
    const [lower, upper] = [boundaries[at - 1]!, boundaries[at]!]
    if (rankOf(lower) !== rankOf(upper)) {
      throw new CommandError(40193, "All values in the 'boundaries' option to $bucket must have the same type")
    }
    if (compareValues(lower, upper, environment.collation) >= 0) {
      throw new CommandError(40194, "The 'boundaries' option to $bucket must be sorted in ascending order")
    }
  }
  return boundaries
}

function defaultIn(value: Result, boundaries: readonly Value[], environment: StageEnvironment): Value | undefined {
  if (value === undefined) return undefined
  const fallback = constant(value, environment, 40195)
  if (placeOf(fallback, boundaries, environment.collation) < 0) return fallback
  throw new CommandError(
    40199,
    "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
  )
}

function constant(value: Value, environment: StageEnvironment, code: number): Value {
  const expression = compileExpression(value, environment)
  if (expression.constant) return expression.evaluate(new Map(), variablesOf(environment)) ?? null
  throw new CommandError(code, "The $bucket 'boundaries' and 'default' fields must be constant expressions")
}

/** The number of the bucket that a value falls into, or -1. */
function placeOf(value: Result, boundaries: readonly Value[], collation: Collation | undefined): number {
  const above = boundaries.findIndex(boundary => compareValues(value, boundary, collation) < 0)
  return above > 0 ? above - 1 : -1
}
