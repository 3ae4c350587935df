// Lists the accumulators of $group, $bucket and $setWindowFields, and compiles them.
import { int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { countedArguments, countOf } from './accumulators/counted.ts'
import { Extreme, Extremes } from './accumulators/extremes.ts'
import { groupDocument } from './accumulators/group-document.ts'
import { Concatenated, Distinct, First, FirstOnes, Last, LastOnes, Merged, Pushed } from './accumulators/lists.ts'
import { movingExtreme, movingExtremes } from './accumulators/moving-extremes.ts'
import { compileQuantiles, Percentiles } from './accumulators/percentiles.ts'
import { Average, Deviation, Sum } from './accumulators/sums.ts'
import type { Accumulation, AccumulatorOperator, MovingTally, Tally } from './accumulators/tally.ts'
import { topOperator } from './accumulators/tops.ts'
import type { Environment } from './environment.ts'
import type { Scope } from './operator.ts'

const accumulators: Readonly<Record<string, AccumulatorOperator>> = {
  $addToSet: single(({ collation }) => new Distinct(collation)),
  $avg: single(() => new Average()),
  $bottom: topOperator({ counted: false, sign: -1 }),
  $bottomN: topOperator({ counted: true, sign: -1 }),
  $concatArrays: single(() => new Concatenated()),
  $count: compileCount,
  $first: single(() => new First()),
  $firstN: counted(count => new FirstOnes(count)),
  $last: single(() => new Last()),
  $lastN: counted(count => new LastOnes(count)),
  $max: extreme(1),
  $maxN: extremes(1),
  $median: quantiles,
  $mergeObjects: single(() => new Merged()),
  $min: extreme(-1),
  $minN: extremes(-1),
  $percentile: quantiles,
  $push: single(() => new Pushed()),
  $stdDevPop: single(() => new Deviation('population')),
  $stdDevSamp: single(() => new Deviation('sample')),
  $sum: single(() => new Sum()),
  $top: topOperator({ counted: false, sign: 1 }),
  $topN: topOperator({ counted: true, sign: 1 }),
}

export function isAccumulator(name: string): boolean {
  return Object.hasOwn(accumulators, name)
}

/** Compiles the accumulator of a field of $group, such as { $sum: '$n' }. */
export function compileAccumulator(field: string, specification: Value, scope: Scope): Accumulation {
  if (!(specification instanceof Map)) {
    throw new CommandError(40234, `The field '${field}' must be an accumulator object`)
  }
  const [[name, argument] = ['', null]] = specification
  if (specification.size !== 1) throw new CommandError(40238, `The field '${field}' must specify one accumulator`)
  if (name === '$accumulator')
    throw new CommandError(
      'CommandNotSupported',
      'the accumulator $accumulator is not supported by the embedded database',
    )
  if (!isAccumulator(name)) throw new CommandError(15952, `unknown group operator '${name}'`)
  return accumulators[name]!(argument, scope, name)
}

function single(create: (environment: Environment) => Tally): AccumulatorOperator {
  return (argument, scope) => {
    const { evaluate } = scope.compile(argument)
    return { input: evaluate, create: () => create(scope.environment) }
  }
}

function extreme(sign: 1 | -1): AccumulatorOperator {
  const make = single(({ collation }) => new Extreme({ sign, collation }))
  return (argument, scope, name) => {
    const { collation } = scope.environment
    return { ...make(argument, scope, name), createMoving: () => movingExtreme({ sign, collation }) }
  }
}

function extremes(sign: 1 | -1): AccumulatorOperator {
  return counted(
    (count, { collation }) => new Extremes(count, { sign, collation }),
    (count, { collation }) => movingExtremes(count, { sign, collation }),
  )
}

function counted(
  create: (count: number, environment: Environment) => Tally,
  createMoving?: (count: number, environment: Environment) => MovingTally,
): AccumulatorOperator {
  return (argument, scope, name) => {
    const given = countedArguments(argument, name)
    const count = scope.compile(given.get('n')!)
    if (count.constant) countOf(count.evaluate(new Map(), new Map()))
    const { evaluate } = scope.compile(given.get('input')!)
    const countFor = (group: Parameters<typeof groupDocument>[0]) =>
      countOf(count.evaluate(groupDocument(group), new Map()))
    return {
      input: evaluate,
      create: group => create(countFor(group), scope.environment),
      ...(createMoving && { createMoving: () => createMoving(countFor(undefined), scope.environment) }),
    }
  }
}

function compileCount(argument: Value): Accumulation {
  if (!(argument instanceof Map) || argument.size > 0) {
    throw new CommandError('TypeMismatch', '$count takes no arguments, i.e. $count:{}')
  }
  const one = int32(1)
  return { input: () => one, create: () => new Sum() }
}

function quantiles(argument: Value, scope: Scope, name: string): Accumulation {
  const compiled = compileQuantiles(argument, scope, name)
  return { input: compiled.input, create: () => new Percentiles(compiled) }
}
