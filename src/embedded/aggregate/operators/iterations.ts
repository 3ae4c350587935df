// Evaluates an expression for each element of an array, or with variables: $map, $filter, $reduce, $let.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { int32Of } from '../integer.ts'
import {
  type Cell,
  constantNode,
  isNullish,
  type Node,
  nodeOver,
  type OperatorTable,
  type Result,
  type Scope,
} from '../operator.ts'
import { isTruthy } from '../truth.ts'
import { checkWritableName } from '../variable.ts'

export const iterations: OperatorTable = {
  $filter: compileFilter,
  $let: compileLet,
  $map: compileMap,
  $reduce: compileReduce,
}

function compileMap(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'in'],
    optional: ['as'],
    notDocument: 16878,
    unknown: 16879,
    missing: { input: 16880, in: 16882 },
  })
  const input = scope.compile(given.get('input')!)
  const { cell, inner } = elementScope(given.get('as'), scope)
  const body = inner.compile(given.get('in')!)
  return nodeOver([input, body], (root, variables) => {
    const array = input.evaluate(root, variables)
    if (isNullish(array)) return null
    if (!Array.isArray(array)) throw new CommandError(16883, `input to $map must be an array not ${typeName(array)}`)
    return array.map(element => {
      cell.value = element
      return body.evaluate(root, variables) ?? null
    })
  })
}

function compileFilter(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'cond'],
    optional: ['as', 'limit'],
    notDocument: 28646,
    unknown: 28647,
    missing: { input: 28648, cond: 28650 },
  })
  const input = scope.compile(given.get('input')!)
  const limit = given.has('limit') ? scope.compile(given.get('limit')!) : constantNode(undefined)
  const { cell, inner } = elementScope(given.get('as'), scope)
  const condition = inner.compile(given.get('cond')!)
  return nodeOver([input, condition, limit], (root, variables) => {
    const array = input.evaluate(root, variables)
    if (isNullish(array)) return null
    if (!Array.isArray(array)) throw new CommandError(28651, `input to $filter must be an array not ${typeName(array)}`)
    const most = filterLimit(limit.evaluate(root, variables))
    const kept: Value[] = []
    for (const element of array) {
      cell.value = element
      if (isTruthy(condition.evaluate(root, variables))) kept.push(element)
      if (kept.length === most) break
    }
    return kept
  })
}

function filterLimit(value: Result): number {
  if (isNullish(value)) return Number.POSITIVE_INFINITY
  const limit = int32Of(value)
  if (limit === undefined) {
    throw new CommandError(327391, '$filter: limit must be represented as a 32-bit integral value')
  }
  if (limit <= 0) throw new CommandError(327392, '$filter: limit must be greater than 0')
  return limit
}

function compileReduce(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['input', 'initialValue', 'in'],
    notDocument: 40075,
    unknown: 40076,
    missing: { input: 40077, initialValue: 40078, in: 40079 },
  })
  const input = scope.compile(given.get('input')!)
  const initial = scope.compile(given.get('initialValue')!)
  const element: Cell = { value: undefined }
  const total: Cell = { value: undefined }
  const inner = scope.bind([
    ['this', element],
    ['value', total],
  ])
  const body = inner.compile(given.get('in')!)
  return nodeOver([input, initial, body], (root, variables) => {
    const array = input.evaluate(root, variables)
    if (isNullish(array)) return null
    if (!Array.isArray(array))
      throw new CommandError(40080, `$reduce requires that 'input' be an array, found: ${typeName(array)}`)
    let sum = initial.evaluate(root, variables)
    for (const each of array) {
      element.value = each
      total.value = sum
      sum = body.evaluate(root, variables)
    }
    return sum
  })
}

function compileLet(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['vars', 'in'],
    notDocument: 16874,
    unknown: 16875,
    missing: { vars: 16876, in: 16877 },
  })
  const vars = given.get('vars')
  if (!(vars instanceof Map)) throw new CommandError(10065, 'invalid parameter: expected an object (vars)')
  const bound = [...vars].map(([key, value]) => {
    checkWritableName(key)
    const cell: Cell = { value: undefined }
    return { key, cell, node: scope.compile(value) }
  })
  const body = scope.bind(bound.map(({ key, cell }) => [key, cell] as const)).compile(given.get('in')!)
  return nodeOver([...bound.map(({ node }) => node), body], (root, variables) => {
    const values = bound.map(({ node }) => node.evaluate(root, variables))
    for (const [at, { cell }] of bound.entries()) cell.value = values[at]
    return body.evaluate(root, variables)
  })
}

function elementScope(as: Result, scope: Scope): { cell: Cell; inner: Scope } {
  const cell: Cell = { value: undefined }
  const name = as === undefined ? 'this' : typeof as === 'string' ? as : ''
  checkWritableName(name)
  return { cell, inner: scope.bind([[name, cell]]) }
}
