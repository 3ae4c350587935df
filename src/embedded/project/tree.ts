// Arranges the paths of a projection as a tree and refuses paths that collide.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'

export type Compute = (document: Document) => Value | undefined

/** What is asked of a field: to keep or drop it, a computed value, or something of its inner fields. */
export type Branch = 'flag' | Compute | Tree

export type Tree = Map<string, Branch>

/** Adds a leaf at a path; throws when the path or a part of it is taken. */
export function addBranch(tree: Tree, path: readonly string[], leaf: 'flag' | Compute): void {
  let node = tree
  for (let depth = 0; depth < path.length - 1; depth++) {
    const name = path[depth]!
    const next = node.get(name)
    if (next !== undefined && !(next instanceof Map)) throw collision(path, depth + 1)
    node = next ?? newBranch(node, name)
  }
  const name = path.at(-1)!
  if (node.has(name)) throw new CommandError(31250, `Path collision at ${path.join('.')}`)
  node.set(name, leaf)
}

/** Copies the fields of a tree, through arrays; a scalar in place of a document has none of them. */
export function included(document: Document, tree: Tree): Document {
  const kept: Document = new Map()
  for (const [name, value] of document) {
    const branch = tree.get(name)
    if (branch === 'flag') kept.set(name, value)
    else if (branch instanceof Map) {
      const inner = includedValue(value, branch, isComputing(branch))
      if (inner !== undefined) kept.set(name, inner)
    }
  }
  return kept
}

/** Copies all but the flagged fields of a tree, through arrays; computed ones keep their places. */
export function excluded(document: Document, tree: Tree): Document {
  const kept: Document = new Map()
  for (const [name, value] of document) {
    const branch = tree.get(name)
    if (branch === undefined || typeof branch === 'function') kept.set(name, value)
    else if (branch instanceof Map) kept.set(name, excludedValue(value, branch))
  }
  return kept
}

/** Sets the computed fields of a tree in a document of the caller's own; new ones come last. */
export function compute(target: Document, tree: Tree, root: Document): void {
  for (const [name, branch] of tree) {
    if (branch === 'flag') continue
    if (typeof branch === 'function') setComputed(target, name, branch(root))
    else if (isComputing(branch)) target.set(name, computedValue(target.get(name), branch, root))
  }
}

/** Whether a tree holds computed fields anywhere. */
export function isComputing(tree: Tree): boolean {
  for (const branch of tree.values()) {
    if (typeof branch === 'function' || (branch instanceof Map && isComputing(branch))) return true
  }
  return false
}

function collision(path: readonly string[], depth: number): CommandError {
  return new CommandError(31249, `Path collision at ${path.join('.')} remaining portion ${path.slice(depth).join('.')}`)
}

function newBranch(node: Tree, name: string): Tree {
  const branch: Tree = new Map()
  node.set(name, branch)
  return branch
}

/** What is no document is left out; where fields are computed below, it becomes a document of those. */
function includedValue(value: Value, tree: Tree, computes: unknown): Value | undefined {
  if (value instanceof Map) return included(value, tree)
  if (!Array.isArray(value)) return computes === true ? new Map() : undefined
  const kept: Value[] = []
  for (const item of value) {
    const inner = includedValue(item, tree, computes)
    if (inner !== undefined) kept.push(inner)
  }
  return kept
}

function excludedValue(value: Value, tree: Tree): Value {
  if (value instanceof Map) return excluded(value, tree)
  return Array.isArray(value) ? value.map(item => excludedValue(item, tree)) : value
}

function setComputed(target: Document, name: string, value: Value | undefined): void {
  if (value === undefined) target.delete(name)
  else target.set(name, value)
}

function computedValue(value: Value | undefined, tree: Tree, root: Document): Value {
  if (Array.isArray(value)) return value.map(item => computedValue(item, tree, root))
  const target: Document = value instanceof Map ? new Map(value) : new Map()
  compute(target, tree, root)
  return target
}
