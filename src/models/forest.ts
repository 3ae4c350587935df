// A tree of documents put together in memory: roots, branches, what lost its parent, and what goes in circles.
import type { Forest, Orphan, TreeNode } from './plugins/tree.ts'

/** How a document tells its place. */
export interface Placement<D> {
  key(document: D): unknown
  parent(document: D): unknown
  label(document: D): string
}

interface Growing<D> extends TreeNode<D> {
  readonly children: Growing<D>[]
}

/** Puts documents together by their parents. */
export function forestOf<D>(documents: readonly D[], place: Placement<D>): Forest<D> {
  const nodes = new Map<string, Growing<D>>(
    documents.map(document => [textOf(place.key(document)), { document, label: place.label(document), children: [] }]),
  )
  const roots: Growing<D>[] = []
  const orphans: (Growing<D> & Orphan<D>)[] = []
  for (const node of nodes.values()) {
    const parent = place.parent(node.document)
    const above = nodes.get(textOf(parent))
    if (above) above.children.push(node)
    else if (parent === null || parent === undefined) roots.push(node)
    else orphans.push(Object.assign(node, { missing: parent }))
  }
  for (const node of nodes.values()) node.children.sort(byLabel)
  return Object.defineProperties(roots.sort(byLabel), {
    orphans: { value: orphans.sort(byLabel) },
    cycles: { value: cyclesAmong(nodes, place) },
  }) as never
}

/** The way from a document up to its root. */
export interface Ascent<D> {
  /** The root first; the document itself is not among them. */
  readonly above: readonly D[]
  /** The parent that is gone, where the way ends too early. */
  readonly missing: unknown
  /** The documents of a loop, where the way never ends. */
  readonly cycle: readonly D[] | undefined
}

/** Goes up from a document through those that may be above it. */
export function ascentOf<D>(document: D, candidates: readonly D[], place: Placement<D>): Ascent<D> {
  const byKey = new Map(candidates.map(candidate => [textOf(place.key(candidate)), candidate]))
  byKey.set(textOf(place.key(document)), document)
  const way = [document]
  for (let at = document; ; ) {
    const parent = place.parent(at)
    if (parent === null || parent === undefined) return ascent(way, undefined, undefined)
    const above = byKey.get(textOf(parent))
    if (!above) return ascent(way, parent, undefined)
    if (way.includes(above)) return ascent(way, undefined, way.slice(way.indexOf(above)))
    way.push(above)
    at = above
  }
}

function ascent<D>(way: readonly D[], missing: unknown, cycle: readonly D[] | undefined): Ascent<D> {
  return { above: way.slice(1).reverse(), missing, cycle }
}

// Whoever is below no root and no orphan is in a loop, or below one.
function cyclesAmong<D>(nodes: ReadonlyMap<string, TreeNode<D>>, place: Placement<D>): readonly (readonly D[])[] {
  const done = new Set<string>()
  const cycles: D[][] = []
  for (const start of nodes.keys()) {
    const way: string[] = []
    let at = start
    while (nodes.has(at) && !done.has(at)) {
      done.add(at)
      way.push(at)
      at = textOf(place.parent(nodes.get(at)!.document))
    }
    if (way.includes(at)) cycles.push(way.slice(way.indexOf(at)).map(key => nodes.get(key)!.document))
  }
  return cycles
}

function byLabel(one: { readonly label: string }, other: { readonly label: string }): number {
  return one.label.localeCompare(other.label)
}

function textOf(key: unknown): string {
  return `${typeof key} ${String(key)}`
}
