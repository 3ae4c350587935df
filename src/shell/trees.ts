// Documents that lie within each other: the way up from one, and the tree below.
import { DocumentNotFound, GooseError } from '../errors.ts'
import { settingsOf } from '../models/settings.ts'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'
import { idOfText } from './ids.ts'
import type { LoadedModel } from './models.ts'
import { escapeControl } from './output/escape.ts'
import { jsonValue } from './output/json.ts'

/** How a model forms a tree; what is not said is found in the model. */
export interface TreeFlags {
  readonly parent?: string | undefined
  readonly label?: string | undefined
  readonly sep?: string | undefined
  readonly depth?: number | undefined
}

interface Shape {
  readonly parent: string
  readonly label: string
}

type Node = Readonly<Record<string, unknown>> & { readonly _id: unknown }

/** Answers the way from the root to a document, by its id or by its path of labels. */
export async function breadcrumbsOf(loaded: LoadedModel, text: string, flags: TreeFlags): Promise<Answer> {
  const shape = shapeOf(loaded, flags)
  const node = await nodeOf(loaded, text, { shape, separator: (flags.sep ?? '>').trim() })
  const { path, problem } = wayUp(node, await ancestorsOf(loaded, node, shape), shape)
  const labels = path.map(step => escapeControl(String(step[shape.label] ?? step._id)))
  const start = problem ? [problem.text] : []
  const shown = [...start, ...labels].join(flags.sep ?? ' > ')
  const data = path.map(step => ({ _id: step._id, [shape.label]: step[shape.label] }))
  return {
    kind: 'value',
    data,
    isText: true,
    text: shown,
    exit: problem ? 9 : 0,
    footer: () => (problem ? [problem.sentence] : []),
  }
}

/** Answers the tree below all roots, or below one document. */
export async function treeOf(loaded: LoadedModel, text: string | undefined, flags: TreeFlags): Promise<Answer> {
  const shape = shapeOf(loaded, flags)
  const nodes = (await loaded.model.find().select(shape.parent, shape.label).all()).map(document =>
    plainNode(document as Node, shape),
  )
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

function shapeOf({ name, description, model }: LoadedModel, flags: TreeFlags): Shape {
  const declared = settingsOf(model.definition).tree
  const known = description.fields.map(field => field.path)
  const self = description.fields.find(
    field => field.ref?.model === name && field.ref.by === '_id' && !field.type.endsWith('[]'),
  )
  const parent = flags.parent ?? declared?.parent ?? self?.path
  const label =
    flags.label ?? declared?.label ?? ['name', 'title', 'label', 'slug'].find(path => known.includes(path)) ?? '_id'
  if (!parent) throw usage(`${name} forms no tree: no field refers to ${name} itself`, 'name the field with --parent')
  const wrong = [parent, label].find(path => !known.includes(path))
  if (wrong)
    throw new GooseError('UNKNOWN_PATH', { model: name, path: wrong, nearest: `there are: ${known.join(', ')}` })
  return { parent, label }
}

interface Address {
  readonly shape: Shape
  readonly separator: string
}

async function nodeOf(loaded: LoadedModel, text: string, { shape, separator }: Address): Promise<Node> {
  const isId = /^…?[0-9a-f]{4,24}$/i.test(text) || loaded.model.definition.fieldByName.has('_id')
  const found = isId ? await nodeById(loaded, text, shape) : undefined
  const node =
    found ??
    (await nodeByPath(
      loaded,
      text.split(separator).map(label => label.trim()),
      shape,
    ))
  if (node) return node
  throw new DocumentNotFound({ model: loaded.name, id: isId ? `_id ${text}` : `path ${text}` })
}

async function nodeById(loaded: LoadedModel, text: string, shape: Shape): Promise<Node | undefined> {
  try {
    const _id = await idOfText(loaded, text, loaded.model.find())
    const document = (await loaded.model.find({ _id }).first()) as Node | null
    return document ? plainNode(document, shape) : undefined
  } catch (error) {
    if (error instanceof GooseError && error.code === 'DOCUMENT_NOT_FOUND') return undefined
    throw error
  }
}

/** Walks down a path of labels; the first label may stand anywhere in the tree when it is the only one. */
async function nodeByPath(loaded: LoadedModel, labels: readonly string[], shape: Shape): Promise<Node | undefined> {
  let parents: readonly unknown[] | undefined
  for (const label of labels) {
    const isRoot = parents === undefined && labels.length > 1
    const within = isRoot ? { [shape.parent]: null } : parents ? { [shape.parent]: { $in: parents } } : {}
    const found = (await loaded.model.find({ [shape.label]: label, ...within }).all()) as readonly Node[]
    if (found.length === 0) return undefined
    if (label === labels.at(-1) && parents?.length !== 0 && found.length > 1) throw ambiguous(loaded, label, found)
    parents = found.map(node => node._id)
    if (label === labels.at(-1) && found[0]) return plainNode(found[0], shape)
  }
  return undefined
}

function ambiguous({ name }: LoadedModel, label: string, found: readonly Node[]): GooseError {
  const reason = `${found.length} ${name} are called "${label}"`
  return usage(
    reason,
    `give the whole path, or an id: ${found
      .slice(0, 3)
      .map(node => String(node._id))
      .join(', ')}`,
  )
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

function wayUp(
  node: Node,
  above: readonly Node[],
  { parent, label }: Shape,
): { readonly path: readonly Node[]; readonly problem?: Problem } {
  const byId = new Map(above.map(step => [String(step._id), step]))
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

function cycle(path: readonly Node[], label: string, id: string): Problem {
  const again = path.find(step => String(step._id) === id)
  return {
    text: `(cycle ${id})`,
    sentence: `a cycle: above ${String(path[0]?.[label])} stands ${String(again?.[label])} again`,
  }
}

function plainNode(document: Node, { parent, label }: Shape): Node {
  const up = document[parent] as { readonly _id?: unknown } | null | undefined
  return {
    _id: document._id,
    [label]: document[label],
    [parent]: up === null || up === undefined ? null : (up._id ?? up),
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
