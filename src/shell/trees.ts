// The tree of a model: below all roots, or below one document.
import type { Answer } from './answer.ts'
import type { LoadedModel } from './models.ts'
import { escapeControl } from './output/escape.ts'
import { jsonValue } from './output/json.ts'
import { allNodes, type Node, nodeOf, type Shape, shapeOf, type TreeFlags } from './tree-nodes.ts'

/** Answers the tree below all roots, or below one document. */
export async function treeOf(loaded: LoadedModel, text: string | undefined, flags: TreeFlags): Promise<Answer> {
  const shape = shapeOf(loaded, flags)
  const nodes = await allNodes(loaded, shape)
  const below = childrenOf(nodes, shape)
  const known = new Set(nodes.map(node => String(node._id)))
  const top =
    text === undefined
      ? rootsOf(nodes, known, shape)
      : [await nodeOf(loaded, text, { shape, separator: (flags.sep ?? '>').trim() })]
  const lines: string[] = []
  const data = top.map(node =>
    branch(node, { below, shape, depth: flags.depth ?? Number.POSITIVE_INFINITY, lines, lead: '', seen: new Set() }),
  )
  const lost = text === undefined ? nodes.length - countOf(below, top) : 0
  const orphans = top.filter(
    node => text === undefined && node[shape.parent] !== null && node[shape.parent] !== undefined,
  )
  const problems = [
    ...(orphans.length > 0
      ? [
          `${orphans.length} with a parent that is gone, shown as roots: ${orphans
            .slice(0, 3)
            .map(node => String(node._id))
            .join(', ')}`,
        ]
      : []),
    ...(lost > 0 ? [`${lost} lie in a cycle and hang from no root; goose breadcrumbs shows it`] : []),
  ]
  return {
    kind: 'value',
    data,
    isText: true,
    text: lines.join('\n'),
    exit: problems.length > 0 ? 9 : 0,
    footer: () => problems,
  }
}

type Below = ReadonlyMap<string, readonly Node[]>

function childrenOf(nodes: readonly Node[], { parent, label }: Shape): Below {
  const below = new Map<string, Node[]>()
  for (const node of nodes) {
    const key = String(node[parent])
    const list = below.get(key)
    if (list) list.push(node)
    else below.set(key, [node])
  }
  for (const list of below.values()) list.sort((one, other) => String(one[label]).localeCompare(String(other[label])))
  return below
}

function rootsOf(nodes: readonly Node[], known: ReadonlySet<string>, { parent, label }: Shape): readonly Node[] {
  const roots = nodes.filter(
    node => node[parent] === null || node[parent] === undefined || !known.has(String(node[parent])),
  )
  return roots.sort((one, other) => String(one[label]).localeCompare(String(other[label])))
}

interface Walk {
  readonly below: Below
  readonly shape: Shape
  readonly depth: number
  readonly lines: string[]
  readonly lead: string
  readonly seen: ReadonlySet<string>
}

function branch(node: Node, walk: Walk, mark = ''): unknown {
  const { below, shape, depth, lines, lead, seen } = walk
  const id = String(node._id)
  lines.push(`${lead}${mark}${escapeControl(String(node[shape.label] ?? id))}`)
  const children = seen.has(id) || depth <= 1 ? [] : (below.get(id) ?? [])
  const inner = {
    ...walk,
    depth: depth - 1,
    lead: lead + (mark === '' ? '' : mark === '├── ' ? '│   ' : '    '),
    seen: new Set([...seen, id]),
  }
  const data = children.map((child, index) => branch(child, inner, index === children.length - 1 ? '└── ' : '├── '))
  return { _id: jsonValue(node._id), [shape.label]: node[shape.label], ...(data.length > 0 ? { children: data } : {}) }
}

function countOf(below: Below, top: readonly Node[]): number {
  const seen = new Set<string>()
  const open = [...top]
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(String(node._id))) continue
    seen.add(String(node._id))
    open.push(...(below.get(String(node._id)) ?? []))
  }
  return seen.size
}
