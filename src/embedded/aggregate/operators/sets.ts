// Treats arrays as sets: $setUnion, $setIntersection, $setDifference, $setEquals, $setIsSubset and the like.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { hashValue } from '../../values/values.ts'
import type { Environment } from '../environment.ts'
import { binary, isNullish, type Operator, type OperatorTable, type Result, unary, variadic } from '../operator.ts'
import { isTruthy } from '../truth.ts'

export const sets: OperatorTable = {
  $allElementsTrue: unary(value => elementsOf(value, '$allElementsTrue', 17040).every(isTruthy)),
  $anyElementTrue: unary(value => elementsOf(value, '$anyElementTrue', 17041).some(isTruthy)),
  $setDifference: binary(difference),
  $setEquals: setEquals(),
  $setIntersection: variadic(intersection),
  $setIsSubset: binary(isSubset),
  $setUnion: variadic(union),
}

function elementsOf(value: Result, name: string, code: number): readonly Value[] {
  if (Array.isArray(value)) return value
  throw new CommandError(code, `${name}'s argument must be an array, but is ${typeName(value)}`)
}

function difference(first: Result, second: Result, environment: Environment): Result {
  if (isNullish(first) || isNullish(second)) return null
  const kept = operand(first, '$setDifference', 17048)
  const dropped = operand(second, '$setDifference', 17049)
  return [...distinct(kept, environment, keysOf(dropped, environment)).values()]
}

function intersection(values: Result[], environment: Environment): Result {
  if (values.some(isNullish)) return null
  const [first, ...others] = values.map(value => operand(value, '$setIntersection', 17047))
  let left = distinct(first ?? [], environment)
  for (const other of others) {
    const keys = keysOf(other, environment)
    left = new Map([...left].filter(([key]) => keys.has(key)))
  }
  return [...left.values()]
}

function union(values: Result[], environment: Environment): Result {
  if (values.some(isNullish)) return null
  const lists = values.map(value => operand(value, '$setUnion', 17043))
  return [...distinct(lists.flat(), environment).values()]
}

function setEquals(): Operator {
  const compute = variadic((values, environment) => {
    const [first, ...others] = values.map(value => keysOf(operand(value, '$setEquals', 17044), environment))
    return others.every(other => other.size === first!.size && [...other].every(key => first!.has(key)))
  })
  return (argument, scope, name) => {
    const count = Array.isArray(argument) ? argument.length : 1
    if (count < 2) throw new CommandError(17045, `$setEquals needs at least two arguments had: ${count}`)
    return compute(argument, scope, name)
  }
}

function isSubset(first: Result, second: Result, environment: Environment): Result {
  const inner = operand(first, '$setIsSubset', 17046)
  const outer = keysOf(operand(second, '$setIsSubset', 17042), environment)
  return [...keysOf(inner, environment)].every(key => outer.has(key))
}

function operand(value: Result, name: string, code: number): Value[] {
  if (Array.isArray(value)) return value
  throw new CommandError(code, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`)
}

function keysOf(values: readonly Value[], { collation }: Environment): Set<string> {
  return new Set(values.map(value => hashValue(value, collation)))
}

/** The first of each equal values, by key, without those whose keys are dropped. */
function distinct(values: readonly Value[], { collation }: Environment, dropped?: ReadonlySet<string>) {
  const kept = new Map<string, Value>()
  for (const value of values) {
    const key = hashValue(value, collation)
    if (!kept.has(key) && !dropped?.has(key)) kept.set(key, value)
  }
  return kept
}
