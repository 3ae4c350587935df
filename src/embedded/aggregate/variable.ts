// Compiles the variables of expressions: system ones such as $$ROOT and those that users define.
import { Timestamp } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { constantNode, type Evaluate, type Node, type Scope } from './operator.ts'
import { parsePath, rootPath, valueAtPath } from './path.ts'

const refused = new Set(['JS_SCOPE', 'IS_MR', 'SEARCH_META', 'USER_ROLES'])

/** Compiles what follows `$$`: a variable, perhaps with a path below it. */
export function compileVariable(text: string, scope: Scope): Node {
  const dot = text.indexOf('.')
  const name = dot < 0 ? text : text.slice(0, dot)
  checkReadableName(name)
  const names = dot < 0 ? [] : parsePath(text.slice(dot + 1))
  const cell = scope.bindings.get(name)
  if (cell) return { evaluate: belowValue(() => cell.value, names), constant: false }
  if (name === 'ROOT' || name === 'CURRENT') return compileRoot(names, scope)
  if (scope.environment.variables?.has(name)) {
    return { evaluate: belowValue((_, variables) => variables.get(name), names), constant: false }
  }
  return constantNode(valueAtPath(systemVariable(name, scope), names, 0))
}

/** Checks a name that a user gives to a variable. */
export function checkWritableName(name: string): void {
  if (name === 'CURRENT') return
  if (name === '') throw new CommandError('FailedToParse', 'empty variable names are not allowed')
  if (!/^[a-z\u0080-\uffff]/.test(name)) {
    throw new CommandError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`)
  }
  if (!/^[\w\u0080-\uffff]*$/.test(name)) {
    throw new CommandError('FailedToParse', `'${name}' contains an invalid character for a variable name`)
  }
}

function checkReadableName(name: string): void {
  if (name === '') throw new CommandError('FailedToParse', 'empty variable names are not allowed')
  if (!/^[a-zA-Z\u0080-\uffff]/.test(name)) {
    throw new CommandError('FailedToParse', `'${name}' starts with an invalid character for a variable name`)
  }
  if (!/^[\w\u0080-\uffff]*$/.test(name)) {
    throw new CommandError('FailedToParse', `'${name}' contains an invalid character for a variable name`)
  }
}

function compileRoot(names: readonly string[], scope: Scope): Node {
  if (names.length > 0) {
    scope.reads.fields.add(names[0]!)
    return { evaluate: rootPath(names), constant: false }
  }
  scope.reads.whole = true
  return { evaluate: root => root, constant: false }
}

function systemVariable(name: string, scope: Scope): Value | undefined {
  const { now } = scope.environment
  if (name === 'NOW') return now
  if (name === 'REMOVE') return undefined
  if (name === 'CLUSTER_TIME') return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 })
  if (refused.has(name))
    throw new CommandError('CommandNotSupported', `$$${name} is not supported by the embedded database`)
  throw new CommandError(17276, `Use of undefined variable: ${name}`)
}

function belowValue(evaluate: Evaluate, names: readonly string[]): Evaluate {
  if (names.length === 0) return evaluate
  return (root, variables) => valueAtPath(evaluate(root, variables), names, 0)
}
