// Reads the named arguments of operators such as { $filter: { input, cond } }.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { constantNode, type Evaluate, type Node, nodeOver, type Operator, type Result, type Scope } from './operator.ts'

/** The codes with which an operator refuses its named arguments. */
export interface NamedArguments {
  readonly required: readonly string[]
  readonly optional?: readonly string[]
  readonly notDocument: number | 'FailedToParse'
  readonly unknown: number | 'FailedToParse'
  readonly missing: number | 'FailedToParse' | Readonly<Record<string, number>>
}

/** Checks that the argument is a document with the wanted fields and gives it back. */
export function namedArguments(argument: Value, name: string, rules: NamedArguments): Document {
  if (!(argument instanceof Map)) {
    throw new CommandError(rules.notDocument, `${name} only supports an object as its argument`)
  }
  for (const key of argument.keys()) {
    if (rules.required.includes(key) || rules.optional?.includes(key)) continue
    throw new CommandError(rules.unknown, `Unrecognized argument to ${name}: ${key}`)
  }
  for (const key of rules.required) {
    if (!argument.has(key)) throw new CommandError(missingCode(rules, key), `Missing '${key}' parameter to ${name}`)
  }
  return argument
}

/** An operator with named arguments, all of them evaluated before it computes. */
export function named(
  rules: NamedArguments,
  compute: (values: Readonly<Record<string, Result>>, scope: Scope) => Result,
): Operator {
  return (argument, scope, name) => {
    const given = namedArguments(argument, name, rules)
    const keys = [...rules.required, ...(rules.optional ?? [])]
    const nodes: Node[] = []
    const evaluates: [string, Evaluate][] = []
    for (const key of keys) {
      const node = given.has(key) ? scope.compile(given.get(key) as Value) : constantNode(undefined)
      nodes.push(node)
      if (given.has(key)) evaluates.push([key, node.evaluate])
    }
    return nodeOver(nodes, (root, variables) => {
      const values: Record<string, Result> = {}
      for (const [key, evaluate] of evaluates) values[key] = evaluate(root, variables)
      return compute(values, scope)
    })
  }
}

function missingCode(rules: NamedArguments, key: string): number | 'FailedToParse' {
  if (typeof rules.missing === 'object') return rules.missing[key] ?? 'FailedToParse'
  return rules.missing
}
