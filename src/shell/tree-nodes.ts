// The documents of a tree as commands see them: which fields form it, and which document a text means.
import { DocumentNotFound, GooseError } from '../errors.ts'
import { settingsOf } from '../models/settings.ts'
import { usage } from './flags.ts'
import { idOfText } from './ids.ts'
import type { LoadedModel } from './models.ts'

/** How a model forms a tree; what is not said is found in the model. */
export interface TreeFlags {
  readonly parent?: string | undefined
  readonly label?: string | undefined
  readonly sep?: string | undefined
  readonly depth?: number | undefined
}

/** The fields that form a tree. */
export interface Shape {
  readonly parent: string
  readonly label: string
}

/** A document with no more than its place in the tree. */
export type Node = Readonly<Record<string, unknown>> & { readonly _id: unknown }

/** Finds the fields that form the tree. Throws where there are none. */
export function shapeOf({ name, description, model }: LoadedModel, flags: TreeFlags): Shape {
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

/** Finds the document that an id, the end of one, or a path of labels means. Throws `DocumentNotFound`. */
export async function nodeOf(loaded: LoadedModel, text: string, { shape, separator }: Address): Promise<Node> {
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

/** Reads every document of a tree, with no more than its place. */
export async function allNodes({ model }: LoadedModel, shape: Shape): Promise<readonly Node[]> {
  const documents = await model.find().select(shape.parent, shape.label).all()
  return documents.map(document => plainNode(document as Node, shape))
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

function plainNode(document: Node, { parent, label }: Shape): Node {
  const up = document[parent] as { readonly _id?: unknown } | null | undefined
  return {
    _id: document._id,
    [label]: document[label],
    [parent]: up === null || up === undefined ? null : (up._id ?? up),
  }
}
