// Where the console waits for what is typed: at every call outside of functions whose value is used.
import type { AnyNode, Node } from 'acorn'

/** A call that is waited for. */
export interface AwaitedCall {
  readonly node: AnyNode
  readonly start: number
  readonly end: number
  /** Whether something is asked of what it gives, so that `await` has to be in brackets. */
  readonly isAsked: boolean
}

/** Gives the children of a node, in the order they are written. */
export function childrenOf(node: Node): readonly AnyNode[] {
  return Object.values(node).flatMap(value =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

/** Says whether what stands inside a node runs at another time than the node itself. */
export function isLater({ type }: Node): boolean {
  return /Function/.test(type) || type === 'ClassBody'
}

/** Finds the calls that a forgotten `await` belongs to, outer ones first.
 * Promises that are handed to `Promise.all` and its like, or asked by `then`, stay what they are. */
export function awaitedCalls(tree: Node): readonly AwaitedCall[] {
  const found: AwaitedCall[] = []
  const bound = new Set<AnyNode>()
  const visit = (node: AnyNode, around: AnyNode) => {
    if (isLater(node)) return
    if (!bound.has(node) && (isCall(node) || node.type === 'ChainExpression'))
      found.push({ node, start: node.start, end: node.end, isAsked: isAskedIn(around, node) })
    for (const inner of boundIn(node)) bound.add(inner)
    for (const child of childrenOf(node)) visit(child, node)
  }
  visit(tree as AnyNode, tree as AnyNode)
  return found
}

/** Gives what is not waited for inside of a node: somebody else does, or a chain would break. */
function boundIn(node: AnyNode): readonly AnyNode[] {
  if (node.type === 'AwaitExpression') return [node.argument]
  if (node.type === 'ChainExpression') return chainOf(node.expression)
  if (node.type === 'MemberExpression' && isAsked(node.property)) return [node.object]
  if (node.type === 'CallExpression' && isOfPromise(node.callee))
    return node.arguments.flatMap(given => (given.type === 'ArrayExpression' ? childrenOf(given) : [given]))
  return []
}

// `a()?.b().c()`: what is asked of nothing is nothing, so all behind the question mark is waited for as a whole.
function chainOf(node: AnyNode): readonly AnyNode[] {
  if (node.type !== 'MemberExpression' && node.type !== 'CallExpression') return []
  const inner = chainOf(node.type === 'MemberExpression' ? node.object : node.callee)
  return node.optional || inner.length > 0 ? [node, ...inner] : []
}

function isAskedIn(around: AnyNode, node: AnyNode): boolean {
  if (around.type === 'MemberExpression') return around.object === node
  if (around.type === 'BinaryExpression') return around.operator === '**'
  return 'callee' in around && around.callee === node
}

function isCall({ type }: AnyNode): boolean {
  return type === 'CallExpression' || type === 'ImportExpression'
}

function isAsked(property: AnyNode): boolean {
  return property.type === 'Identifier' && ['then', 'catch', 'finally'].includes(property.name)
}

function isOfPromise(callee: AnyNode): boolean {
  return callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === 'Promise'
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
