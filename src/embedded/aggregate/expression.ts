// Compiles expressions, such as { $add: ['$a', 1] }, into functions of a document.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Environment, Variables } from './environment.ts'
import { type Cell, constantNode, type Node, nodeOver, type Reads, type Result, type Scope } from './operator.ts'
import { operators } from './operators.ts'
import { checkFieldName, parsePath, rootPath, valueAtPath } from './path.ts'
import { compileVariable } from './variable.ts'

export interface Expression {
  /** the top-level fields that it reads; null means all */
  readonly fields: ReadonlySet<string> | null
  readonly constant: boolean
  evaluate(root: Document, variables: Variables): Result
}

/** Compiles an expression; throws MongoDB's error for a malformed one. */
export function compileExpression(
  expression: Value,
  environment: Environment,
  cells?: Iterable<readonly [string, Cell]>,
) {
  const reads: Reads = { fields: new Set(), whole: false }
  const node = scopeOf(environment, reads, new Map(cells)).compile(expression)
  const compiled: Expression = {
    evaluate: node.evaluate,
    constant: node.constant,
    fields: reads.whole ? null : reads.fields,
  }
  return compiled
}

/** The scope in which parts such as accumulators compile their expressions; what they read is collected. */
export function scopeFor(environment: Environment, reads: Reads): Scope {
  return scopeOf(environment, reads, new Map())
}

/** Tells whether a name such as `$add` is an operator of expressions. */
export function isExpressionOperator(name: string): boolean {
  return Object.hasOwn(operators, name)
}

function scopeOf(environment: Environment, reads: Reads, bindings: ReadonlyMap<string, Cell>): Scope {
  const scope: Scope = {
    environment,
    bindings,
    reads,
    compile: expression => compileNode(expression, scope),
    bind: cells => scopeOf(environment, reads, new Map([...bindings, ...cells])),
  }
  return scope
}

function compileNode(expression: Value, scope: Scope): Node {
  if (typeof expression === 'string') {
    return expression.startsWith('$') ? compileString(expression, scope) : constantNode(expression)
  }
  if (Array.isArray(expression)) return compileArray(expression, scope)
  if (!(expression instanceof Map)) return constantNode(expression)
  const first = expression.keys().next().value
  return first?.startsWith('$') ? compileOperator(expression, scope) : compileDocument(expression, scope)
}

function compileString(text: string, scope: Scope): Node {
  if (text.startsWith('$$')) return compileVariable(text.slice(2), scope)
  if (text === '$') throw new CommandError(16872, "'$' by itself is not a valid FieldPath")
  const names = parsePath(text.slice(1))
  const current = scope.bindings.get('CURRENT')
  if (current) return { evaluate: () => valueAtPath(current.value, names, 0), constant: false }
  scope.reads.fields.add(names[0]!)
  return { evaluate: rootPath(names), constant: false }
}

function compileArray(elements: readonly Value[], scope: Scope): Node {
  const nodes = elements.map(element => scope.compile(element))
  const evaluates = nodes.map(node => node.evaluate)
  return nodeOver(nodes, (root, variables) => evaluates.map(evaluate => evaluate(root, variables) ?? null))
}

function compileOperator(expression: Document, scope: Scope): Node {
  if (expression.size > 1) {
    throw new CommandError(
      15983,
      'an expression specification must contain exactly one field, the name of the expression',
    )
  }
  const [name, argument] = expression.entries().next().value as [string, Value]
  if (!isExpressionOperator(name))
    throw new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`)
  return operators[name]!(argument, scope, name)
}

function compileDocument(expression: Document, scope: Scope): Node {
  const nodes: Node[] = []
  const entries = [...expression].map(([name, value]) => {
    checkFieldName(name)
    const node = scope.compile(value)
    nodes.push(node)
    return [name, node.evaluate] as const
  })
  return nodeOver(nodes, (root, variables) => {
    const document: Document = new Map()
    for (const [name, evaluate] of entries) {
      const value = evaluate(root, variables)
      if (value !== undefined) document.set(name, value)
    }
    return document
  })
}
