// Picks elements of arrays: $arrayElemAt, $first, $last, $firstN, $lastN, $maxN, $minN, $sortArray.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { countedArguments, countOf } from '../accumulators/counted.ts'
import { type Direction, Extremes } from '../accumulators/extremes.ts'
import { namedArguments } from '../arguments.ts'
import type { Environment } from '../environment.ts'
import { int32Of } from '../integer.ts'
import {
  binary,
  isNullish,
  type Node,
  nodeOver,
  type Operator,
  type OperatorTable,
  type Result,
  type Scope,
  unary,
} from '../operator.ts'
import { compileElementOrder } from '../order.ts'

export const picks: OperatorTable = {
  $arrayElemAt: binary(elementAt),
  $first: unary(array => endOf(array, '$first')?.at(0)),
  $last: unary(array => endOf(array, '$last')?.at(-1)),
  $firstN: counted((array, count) => array.slice(0, count)),
  $lastN: counted((array, count) => array.slice(-count)),
  $maxN: counted((array, count, { collation }) => extremes(array, count, { sign: 1, collation })),
  $minN: counted((array, count, { collation }) => extremes(array, count, { sign: -1, collation })),
  $sortArray: compileSortArray,
}

function elementAt(array: Result, index: Result): Result {
  if (isNullish(array) || isNullish(index)) return null
  if (!Array.isArray(array)) {
    throw new CommandError(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`)
  }
  if (!isNumber(index)) {
    throw new CommandError(28690, `$arrayElemAt's second argument must be a numeric value, but is ${typeName(index)}`)
  }
  const at = int32Of(index)
  if (at === undefined) {
    throw new CommandError(28691, `$arrayElemAt's second argument must be representable as a 32-bit integer`)
  }
  return array.at(at)
}

/** The array to pick from; null becomes an array of null, so that the pick is null, too. */
function endOf(array: Result, name: string): readonly Value[] | undefined {
  if (isNullish(array)) return [null]
  if (Array.isArray(array)) return array
  throw new CommandError(28689, `${name}'s argument must be an array, but is ${typeName(array)}`)
}

function counted(pick: (array: readonly Value[], count: number, environment: Environment) => Result): Operator {
  return (argument, scope, name) => {
    const given = countedArguments(argument, name)
    const count = scope.compile(given.get('n')!)
    const input = scope.compile(given.get('input')!)
    return nodeOver([count, input], (root, variables) => {
      const most = countOf(count.evaluate(root, variables))
      const array = input.evaluate(root, variables)
      if (!Array.isArray(array)) throw new CommandError(5788200, 'Input must be an array')
      return pick(array, most, scope.environment)
    })
  }
}

function extremes(array: readonly Value[], count: number, direction: Direction): Result {
  const tally = new Extremes(count, direction)
  for (const element of array) tally.add(element)
  return tally.result()
}

function compileSortArray(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'sortBy'],
    notDocument: 2942500,
    unknown: 2942501,
    missing: { input: 2942502, sortBy: 2942503 },
  })
  const input = scope.compile(given.get('input')!)
  const compare = compileElementOrder(given.get('sortBy')!, scope.environment)
  return nodeOver([input], (root, variables) => {
    const array = input.evaluate(root, variables)
    if (isNullish(array)) return null
    if (Array.isArray(array)) return array.toSorted(compare)
    throw new CommandError(
      2942504,
      `The input argument to $sortArray must be an array, but was of type: ${typeName(array)}`,
    )
  })
}
