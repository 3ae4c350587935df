// Gives the operators of expressions their shape: nodes, scopes and the checks of how many arguments they take.
import { type Document, UNDEFINED, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Environment, Variables } from './environment.ts'

export type Result = Value | undefined
export type Evaluate = (root: Document, variables: Variables) => Result

export interface Node {
  readonly evaluate: Evaluate
  /** the value does not depend on the document nor on variables */
  readonly constant: boolean
}

/** Holds the value of a variable that `$let`, `$map` and the like bind while they evaluate. */
export interface Cell {
  value: Result
}

/** Collects the top-level fields that an expression reads. */
export interface Reads {
  readonly fields: Set<string>
  whole: boolean
}

export interface Scope {
  readonly environment: Environment
  readonly bindings: ReadonlyMap<string, Cell>
  readonly reads: Reads
  compile(expression: Value): Node
  /** A scope in which these variables are bound, too. */
  bind(cells: Iterable<readonly [string, Cell]>): Scope
}

export type Operator = (argument: Value, scope: Scope, name: string) => Node
export type OperatorTable = Readonly<Record<string, Operator>>

const nothing: Document = new Map()
const noVariables: Variables = new Map()

export function isNullish(value: Result): value is null | undefined {
  return value === undefined || value === null || value === UNDEFINED
}

export function constantNode(value: Result): Node {
  return { evaluate: () => value, constant: true }
}

/** A node over others; when all of them are constant it is computed once, unless that fails. */
export function nodeOver(nodes: readonly Node[], evaluate: Evaluate): Node {
  for (const node of nodes) if (!node.constant) return { evaluate, constant: false }
  try {
    return constantNode(evaluate(nothing, noVariables))
  } catch (error) {
    if (error instanceof CommandError) return { evaluate, constant: false }
    throw error
  }
}

export function operands(argument: Value, scope: Scope): Node[] {
  return Array.isArray(argument) ? argument.map(each => scope.compile(each)) : [scope.compile(argument)]
}

export function unary(compute: (value: Result, environment: Environment) => Result): Operator {
  return (argument, scope, name) => {
    const nodes = exactly(argument, scope, { name, count: 1 })
    const { environment } = scope
    const value = nodes[0]!.evaluate
    return nodeOver(nodes, (root, variables) => compute(value(root, variables), environment))
  }
}

export function binary(compute: (first: Result, second: Result, environment: Environment) => Result): Operator {
  return (argument, scope, name) => {
    const nodes = exactly(argument, scope, { name, count: 2 })
    const { environment } = scope
    const first = nodes[0]!.evaluate
    const second = nodes[1]!.evaluate
    return nodeOver(nodes, (root, variables) => compute(first(root, variables), second(root, variables), environment))
  }
}

/** An operator of any number of arguments, or of a number between two bounds. */
export function variadic(
  compute: (values: Result[], environment: Environment) => Result,
  bounds?: readonly [least: number, most: number],
): Operator {
  return (argument, scope, name) => {
    const nodes = operands(argument, scope)
    if (bounds) checkBetween(nodes.length, name, bounds)
    const { environment } = scope
    const evaluates = nodes.map(node => node.evaluate)
    return nodeOver(nodes, (root, variables) =>
      compute(
        evaluates.map(evaluate => evaluate(root, variables)),
        environment,
      ),
    )
  }
}

/** Compiles the arguments of an operator that takes a fixed number of them. */
export function exactly(argument: Value, scope: Scope, wanted: { name: string; count: number }): Node[] {
  const nodes = operands(argument, scope)
  if (nodes.length !== wanted.count) {
    throw new CommandError(
      16020,
      `Expression ${wanted.name} takes exactly ${wanted.count} arguments. ${nodes.length} were passed in.`,
    )
  }
  return nodes
}

function checkBetween(count: number, name: string, [least, most]: readonly [number, number]): void {
  if (count >= least && count <= most) return
  throw new CommandError(
    28667,
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${count} were passed in.`,
  )
}
