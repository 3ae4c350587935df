// Chooses between expressions: $and, $or, $not, $cond, $ifNull, $switch; each evaluates only what it needs.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import {
  type Evaluate,
  exactly,
  isNullish,
  type Node,
  nodeOver,
  type OperatorTable,
  operands,
  type Scope,
  unary,
} from '../operator.ts'
import { isTruthy } from '../truth.ts'

export const conditions: OperatorTable = {
  $and: (argument, scope) => {
    const nodes = operands(argument, scope)
    return nodeOver(nodes, (root, variables) => nodes.every(node => isTruthy(node.evaluate(root, variables))))
  },
  $or: (argument, scope) => {
    const nodes = operands(argument, scope)
    return nodeOver(nodes, (root, variables) => nodes.some(node => isTruthy(node.evaluate(root, variables))))
  },
  $not: unary(value => !isTruthy(value)),
  $cond: compileCond,
  $ifNull: compileIfNull,
  $switch: compileSwitch,
}

function compileCond(argument: Value, scope: Scope, name: string): Node {
  const parts = argument instanceof Map ? namedParts(argument) : argument
  const nodes = exactly(parts, scope, { name, count: 3 })
  const [test, yes, no] = nodes.map(node => node.evaluate) as [Evaluate, Evaluate, Evaluate]
  return nodeOver(nodes, (root, variables) => (isTruthy(test(root, variables)) ? yes : no)(root, variables))
}

function namedParts(argument: Document): Value[] {
  for (const key of argument.keys()) {
    if (key !== 'if' && key !== 'then' && key !== 'else') {
      throw new CommandError(17083, `Unrecognized parameter to $cond: ${key}`)
    }
  }
  return [part(argument, 'if', 17080), part(argument, 'then', 17081), part(argument, 'else', 17082)]
}

function part(argument: Document, key: string, code: number): Value {
  const value = argument.get(key)
  if (value === undefined) throw new CommandError(code, `Missing '${key}' parameter to $cond`)
  return value
}

function compileIfNull(argument: Value, scope: Scope): Node {
  const nodes = operands(argument, scope)
  if (nodes.length < 2) throw new CommandError(1257300, `$ifNull needs at least two arguments, had: ${nodes.length}`)
  const evaluates = nodes.map(node => node.evaluate)
  const last = evaluates.pop()!
  return nodeOver(nodes, (root, variables) => {
    for (const evaluate of evaluates) {
      const value = evaluate(root, variables)
      if (!isNullish(value)) return value
    }
    return last(root, variables)
  })
}

function compileSwitch(argument: Value, scope: Scope): Node {
  if (!(argument instanceof Map)) throw new CommandError(40060, '$switch requires an object as an argument')
  for (const key of argument.keys()) {
    if (key !== 'branches' && key !== 'default')
      throw new CommandError(40067, `$switch found an unknown argument: ${key}`)
  }
  const given = argument.get('branches')
  if (given !== undefined && !Array.isArray(given)) {
    throw new CommandError(40061, "$switch expected an array for 'branches'")
  }
  if (!given || given.length === 0) throw new CommandError(40068, '$switch requires at least one branch.')
  const branches = given.map(branch => compileBranch(branch, scope))
  const otherwise = argument.get('default')
  const fallback = otherwise === undefined ? undefined : scope.compile(otherwise)
  const nodes = [...branches.flat(), ...(fallback ? [fallback] : [])]
  return nodeOver(nodes, (root, variables) => {
    for (const [test, then] of branches) {
      if (isTruthy(test.evaluate(root, variables))) return then.evaluate(root, variables)
    }
    if (fallback) return fallback.evaluate(root, variables)
    throw new CommandError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    )
  })
}

function compileBranch(branch: Value, scope: Scope): readonly [test: Node, then: Node] {
  if (!(branch instanceof Map)) throw new CommandError(40062, '$switch expected each branch to be an object')
  for (const key of branch.keys()) {
    if (key !== 'case' && key !== 'then')
      throw new CommandError(40063, `$switch found an unknown argument to a branch: ${key}`)
  }
  const test = branch.get('case')
  const then = branch.get('then')
  if (test === undefined) throw new CommandError(40064, "$switch requires each branch have a 'case' expression")
  if (then === undefined) throw new CommandError(40065, "$switch requires each branch have a 'then' expression.")
  return [scope.compile(test), scope.compile(then)]
}
