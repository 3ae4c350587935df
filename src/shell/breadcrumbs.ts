// The way from the root of a tree to a document, or to every one.
import type { Answer, Row } from './answer.ts'
import type { LoadedModel } from './models.ts'
import { escapeControl } from './output/escape.ts'
import { allNodes, type Node, nodeOf, type Shape, shapeOf, type TreeFlags } from './tree-nodes.ts'

/** Answers the way from the root to a document, by its id or by its path of labels. */
export async function breadcrumbsOf(loaded: LoadedModel, text: string, flags: TreeFlags): Promise<Answer> {
  const shape = shapeOf(loaded, flags)
  const node = await nodeOf(loaded, text, { shape, separator: (flags.sep ?? '>').trim() })
  const above = await ancestorsOf(loaded, node, shape)
  const way = wayUp(node, new Map(above.map(step => [String(step._id), step])), shape)
  const { path, problem } = way
  const data = path.map(step => ({ _id: step._id, [shape.label]: step[shape.label] }))
  return {
    kind: 'value',
    data,
    isText: true,
    text: textOf(way, shape, flags),
    exit: problem ? 9 : 0,
    footer: () => (problem ? [problem.sentence] : []),
  }
}

/** Answers the way to every document, read all at once; ways that are broken are findings. */
export async function allBreadcrumbs(loaded: LoadedModel, flags: TreeFlags): Promise<Answer> {
  const shape = shapeOf(loaded, flags)
  const nodes = await allNodes(loaded, shape)
  const byId = new Map(nodes.map(node => [String(node._id), node]))
  const ways = nodes.map(node => ({ node, way: wayUp(node, byId, shape) }))
  const rows: readonly Row[] = ways.map(({ node, way }) => ({ _id: node._id, path: textOf(way, shape, flags) }))
  const broken = ways.filter(({ way }) => way.problem).length
  const count = `${nodes.length} ${loaded.name}`
  return {
    kind: 'rows',
    columns: [
      { path: '_id', head: 'ID' },
      { path: 'path', head: 'PATH' },
    ],
    rows,
    empty: `there is no ${loaded.name}`,
    footer: () => (nodes.length === 0 ? [] : [broken === 0 ? count : `${count}, ${broken} without a way to a root`]),
    exit: broken === 0 ? 0 : 9,
  }
}

/** Reads everything above a document by one $graphLookup. */
async function ancestorsOf(loaded: LoadedModel, node: Node, { parent }: Shape): Promise<readonly Node[]> {
  const collection = await loaded.model.collection()
  const lookup = {
    from: collection.collectionName,
    startWith: `$${parent}`,
    connectFromField: parent,
    connectToField: '_id',
    as: 'above',
  }
  const [found] = await collection
    .aggregate([{ $match: { _id: node._id as never } }, { $graphLookup: lookup }])
    .toArray()
  return (found?.above ?? []) as readonly Node[]
}

interface Problem {
  readonly text: string
  readonly sentence: string
}

interface Way {
  readonly path: readonly Node[]
  readonly problem?: Problem
}

function wayUp(node: Node, byId: ReadonlyMap<string, Node>, { parent, label }: Shape): Way {
  const path = [node]
  const seen = new Set([String(node._id)])
  for (let up = node[parent]; up !== null && up !== undefined; ) {
    const id = String(up)
    const next = byId.get(id)
    if (seen.has(id)) return { path, problem: cycle(path, label, id) }
    if (!next)
      return {
        path,
        problem: { text: `(missing ${id})`, sentence: `the parent ${id} of ${String(path[0]?._id)} is gone` },
      }
    path.unshift(next)
    seen.add(id)
    up = next[parent]
  }
  return { path }
}

function textOf({ path, problem }: Way, { label }: Shape, { sep }: TreeFlags): string {
  const labels = path.map(step => escapeControl(String(step[label] ?? step._id)))
  return [...(problem ? [problem.text] : []), ...labels].join(sep ?? ' > ')
}

function cycle(path: readonly Node[], label: string, id: string): Problem {
  const again = path.find(step => String(step._id) === id)
  return {
    text: `(cycle ${id})`,
    sentence: `a cycle: above ${String(path[0]?.[label])} stands ${String(again?.[label])} again`,
  }
}
