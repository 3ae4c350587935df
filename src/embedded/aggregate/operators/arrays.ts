// Works on whole arrays: $concatArrays, $in, $indexOfArray, $range, $reverseArray, $size, $slice, $zip.
import { int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { equalValues } from '../../values/values.ts'
import { namedArguments } from '../arguments.ts'
import { int32Of } from '../integer.ts'
import {
  binary,
  isNullish,
  type Node,
  nodeOver,
  type OperatorTable,
  type Result,
  type Scope,
  unary,
  variadic,
} from '../operator.ts'

export const arrays: OperatorTable = {
  $concatArrays: variadic(concatenate),
  $in: binary((value, array, { collation }) => {
    if (!Array.isArray(array)) {
      throw new CommandError(40081, `$in requires an array as a second argument, found: ${typeName(array)}`)
    }
    return array.some(element => equalValues(element, value, collation))
  }),
  $indexOfArray: variadic(
    (values, { collation }) => indexOf(values, (element, wanted) => equalValues(element, wanted, collation)),
    [2, 4],
  ),
  $isArray: unary(value => Array.isArray(value)),
  $range: variadic(range, [2, 3]),
  $reverseArray: unary(value => {
    if (isNullish(value)) return null
    if (Array.isArray(value)) return value.toReversed()
    throw new CommandError(34435, `The argument to $reverseArray must be an array, but was of type: ${typeName(value)}`)
  }),
  $size: unary(value => {
    if (Array.isArray(value)) return int32(value.length)
    throw new CommandError(17124, `The argument to $size must be an array, but was of type: ${typeName(value)}`)
  }),
  $slice: variadic(slice, [2, 3]),
  $zip: compileZip,
}

function concatenate(values: Result[]): Result {
  const joined: Value[] = []
  let missing = false
  for (const value of values) {
    if (isNullish(value)) missing = true
    else if (Array.isArray(value)) joined.push(...value)
    else throw new CommandError(28664, `$concatArrays only supports arrays, not ${typeName(value)}`)
    if (missing) return null
  }
  return joined
}

function indexOf(values: Result[], isEqual: (element: Value, wanted: Result) => boolean): Result {
  const [array, wanted] = values
  if (isNullish(array)) return null
  if (!Array.isArray(array)) {
    throw new CommandError(40090, `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`)
  }
  const start = values.length > 2 ? searchBound(values[2], '$indexOfArray', 'starting') : 0
  const end = values.length > 3 ? searchBound(values[3], '$indexOfArray', 'ending') : array.length
  for (let at = start; at < Math.min(end, array.length); at++) if (isEqual(array[at]!, wanted)) return int32(at)
  return int32(-1)
}

/** Reads the bound of a search in an array or a string. */
export function searchBound(value: Result, name: string, which: 'starting' | 'ending'): number {
  const bound = int32Of(value)
  if (bound === undefined) {
    throw new CommandError(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${typeName(value)}`,
    )
  }
  if (bound < 0) throw new CommandError(40097, `${name} requires a nonnegative ${which} index, found: ${bound}`)
  return bound
}

/** 100 MB of values, as MongoDB counts them. */
const MOST_IN_RANGE = 6_553_600

function range(values: Result[]): Result {
  const start = rangeBound(values[0], 'starting value', [34443, 34444])
  const end = rangeBound(values[1], 'ending value', [34445, 34446])
  const step = values.length > 2 ? rangeBound(values[2], 'step value', [34447, 34448]) : 1
  if (step === 0) throw new CommandError(34449, '$range requires a non-zero step value')
  if (Math.ceil((end - start) / step) > MOST_IN_RANGE)
    throw new CommandError('ExceededMemoryLimit', '$range would use too much memory and cannot spill to disk')
  const numbers: Value[] = []
  for (let at = start; step > 0 ? at < end : at > end; at += step) numbers.push(int32(at))
  return numbers
}

function rangeBound(value: Result, what: string, [notNumber, notInteger]: readonly [number, number]): number {
  if (!isNumber(value)) {
    throw new CommandError(notNumber, `$range requires a numeric ${what}, found value of type: ${typeName(value)}`)
  }
  const bound = int32Of(value)
  if (bound !== undefined) return bound
  throw new CommandError(notInteger, `$range requires a ${what} that can be represented as a 32-bit integer`)
}

function slice(values: Result[]): Result {
  const [array, second] = values
  const third = values[2]
  if (isNullish(array) || isNullish(second) || (values.length > 2 && isNullish(third))) return null
  if (!Array.isArray(array)) {
    throw new CommandError(28724, `First argument to $slice must be an array, but is of type: ${typeName(array)}`)
  }
  const from = sliceBound(second, 'Second', [28725, 28726])
  if (values.length === 2) return from >= 0 ? array.slice(0, from) : array.slice(from)
  const count = sliceBound(third, 'Third', [28727, 28728])
  if (count <= 0) throw new CommandError(28729, `Third argument to $slice must be positive: ${count}`)
  const start = from < 0 ? Math.max(0, array.length + from) : from
  return array.slice(start, start + count)
}

function sliceBound(value: Result, which: string, [notNumber, notInteger]: readonly [number, number]): number {
  if (!isNumber(value)) {
    throw new CommandError(notNumber, `${which} argument to $slice must be numeric, but is of type: ${typeName(value)}`)
  }
  const bound = int32Of(value)
  if (bound !== undefined) return bound
  throw new CommandError(notInteger, `${which} argument to $slice can't be represented as a 32-bit integer`)
}

function compileZip(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: [],
    optional: ['inputs', 'defaults', 'useLongestLength'],
    notDocument: 34460,
    unknown: 34464,
    missing: 34465,
  })
  const { inputs, defaults, longest } = zipArguments(
    given.get('inputs'),
    given.get('defaults'),
    given.get('useLongestLength'),
  )
  const nodes = inputs.map(input => scope.compile(input))
  const fills = defaults.map(fill => scope.compile(fill))
  return nodeOver([...nodes, ...fills], (root, variables) => {
    const lists = nodes.map(node => node.evaluate(root, variables))
    if (lists.some(isNullish)) return null
    for (const list of lists) {
      if (!Array.isArray(list))
        throw new CommandError(34468, `$zip found a non-array expression in input: ${typeName(list)}`)
    }
    return zip(
      lists as Value[][],
      fills.map(fill => fill.evaluate(root, variables)),
      longest,
    )
  })
}

function zipArguments(inputs: Result, defaults: Result, longest: Result) {
  if (inputs === undefined) throw new CommandError(34465, '$zip requires at least one input array')
  if (!Array.isArray(inputs)) throw new CommandError(34461, 'inputs must be an array of expressions')
  if (inputs.length === 0) throw new CommandError(34465, '$zip requires at least one input array')
  if (defaults !== undefined && !Array.isArray(defaults)) {
    throw new CommandError(34462, 'defaults must be an array of expressions')
  }
  if (longest !== undefined && typeof longest !== 'boolean')
    throw new CommandError(34463, 'useLongestLength must be a bool')
  if (defaults && !longest) throw new CommandError(34466, 'cannot specify defaults unless useLongestLength is true')
  if (defaults && defaults.length !== inputs.length) {
    throw new CommandError(34467, 'defaults and inputs must have the same length')
  }
  return { inputs, defaults: defaults ?? [], longest }
}

function zip(lists: readonly Value[][], fills: readonly Result[], longest: boolean | undefined): Value[] {
  const lengths = lists.map(list => list.length)
  const length = longest ? Math.max(...lengths) : Math.min(...lengths)
  return Array.from({ length }, (_, at) =>
    lists.map((list, index) => (at < list.length ? list[at]! : (fills[index] ?? null))),
  )
}
