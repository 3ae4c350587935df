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
  if (!mayBeParent(model, parent)) throw usage(`"${parent}" holds no id of a ${name}`, 'name the field of its parent')
  return { parent, label }
}

/** Says whether a field may hold the key of a document of its own model, as a reference or as it is. */
function mayBeParent(model: LoadedModel['model'], path: string): boolean {
  const field = model.definition.fieldByName.get(path)
  if (field?.ref) return field.ref.by === '_id' && (field.ref.target() as unknown) === model
  const id = model.definition.fieldByName.get('_id')?.kind ?? 'objectId'
  return field !== undefined && (field.kind === 'mixed' || field.kind === id)
}

interface Address {
  readonly shape: Shape
  readonly separator: string
}

/** Finds the document that an id, the end of one, or a path of labels means. Throws `DocumentNotFound`. */
export async function nodeOf(loaded: LoadedModel, text: string, { shape, separator }: Address): Promise<Node> {
  if (text.trim() === '') throw usage('an empty path leads nowhere', "write 'Products > Laptops', or an id")
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
    // Text that can be no id is the label of a root.
    if (error instanceof GooseError && ['DOCUMENT_NOT_FOUND', 'INVALID_FILTER'].includes(error.code)) return undefined
    throw error
  }
}

/** Walks down a path of labels; the first label may stand anywhere in the tree when it is the only one. */
async function nodeByPath(loaded: LoadedModel, labels: readonly string[], shape: Shape): Promise<Node | undefined> {
  let found: readonly Node[] = []
  for (const [depth, label] of labels.entries()) {
    const parents = found.map(node => node._id)
    const within = depth > 0 ? { [shape.parent]: { $in: parents } } : labels.length > 1 ? { [shape.parent]: null } : {}
    found = (await loaded.model.find({ [shape.label]: label, ...within }).all()) as readonly Node[]
    if (found.length === 0) return undefined
  }
  if (found.length > 1) throw ambiguous(loaded, labels.at(-1) ?? '', found)
  return found[0] && plainNode(found[0], shape)
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
