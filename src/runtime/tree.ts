// Trees in the database: children, ancestors and descendants, each with one command; no save closes a loop.
import type { Document } from 'mongodb'
import { CycleRefused, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { type Ascent, ascentOf, forestOf, type Placement } from '../models/forest.ts'
import { emptyPlan, type Plan } from '../models/plan.ts'
import type { Branch, Breadcrumbs, Crumb, Forest } from '../models/plugins/tree.ts'
import { refKey } from '../models/ref.ts'
import { extentOf } from '../models/selection.ts'
import { settingsOf } from '../models/settings.ts'
import { DocumentBase, hydrate, modelOf, type RuntimeModel } from './document.ts'
import { readAll, run } from './execute.ts'
import { readInto } from './fit.ts'
import { keyText } from './reference-places.ts'
import { scopedPipeline } from './scope.ts'

/** The methods of documents in a tree. */
export const treeMethods = {
  children(this: DocumentBase): Promise<DocumentBase[]> {
    const { model, parent, key } = treeAround(this)
    return find(model, { [parent]: key(this) })
  },

  async ancestors(this: DocumentBase): Promise<Branch<DocumentBase>> {
    const { above, missing, cycle } = await climb(this)
    return branch(
      above.filter(document => document !== this),
      missing,
      cycle,
    )
  },

  async descendants(this: DocumentBase, options: { readonly depth?: number } = {}): Promise<Branch<DocumentBase>> {
    const found = await below(this, depthOf(modelOf(this), options.depth))
    const itself = found.filter(document => document.equals(this))
    const others = found.filter(document => !document.equals(this))
    return branch(others, undefined, itself.length > 0 ? (await climb(this)).cycle : undefined)
  },

  async breadcrumbs(this: DocumentBase): Promise<Breadcrumbs> {
    const { label } = treeAround(this)
    const { above, missing, cycle } = await climb(this)
    const crumb = (document: DocumentBase): Crumb => ({ _id: document._id, label: label(document) })
    return trail([...above, this].map(crumb), missing, cycle?.map(crumb))
  },
}

/** The statics of a model that is a tree. */
export const treeStatics = {
  roots(this: RuntimeModel): Promise<DocumentBase[]> {
    return find(this, { [treeOf(this).parent]: null })
  },

  async tree(this: RuntimeModel): Promise<Forest<DocumentBase>> {
    return forestOf(await find(this, {}), placementOf(treeOf(this)))
  },
}

/** Tells whether a save would move a document in its tree. */
export function isMoved(document: DocumentBase): boolean {
  const { tree } = settingsOf(modelOf(document).definition)
  return tree !== undefined && !document.isNew && document.isDirty(tree.parent)
}

/** Refuses a loaded document that is its own ancestor. */
export async function refuseCycle(document: DocumentBase): Promise<void> {
  refuse(document, await climb(document))
}

/** Gives the document of a key and those above it, from parent to parent. */
export async function lineOf(model: RuntimeModel, key: unknown): Promise<readonly DocumentBase[]> {
  const tree = treeOf(model)
  const lookup = { startWith: `$${tree.by}`, connectFromField: tree.parent, connectToField: tree.by }
  const found = await graph(tree, { match: { [tree.by]: key }, lookup, deleted: 'include' })
  const first = found.find(document => keyText(tree.key(document)) === keyText(key))
  return first ? [first, ...[...ascentOf(first, found, placementOf(tree)).above].reverse()] : []
}

/** Refuses to make new documents ancestors of themselves or of each other, with one query for all of them. */
export async function refuseCycles(documents: readonly DocumentBase[]): Promise<void> {
  const [first] = documents
  if (!first || !settingsOf(modelOf(first).definition).tree) return
  const tree = treeOf(modelOf(first))
  const placed = documents.filter(document => (tree.parentKey(document) ?? null) !== null)
  // Nothing that is stored is below a new document, unless its id was given out before.
  if (placed.length === 0) return
  for (const cycle of forestOf(documents, placementOf(tree)).cycles) refuse(cycle[0]!, { cycle })
  if (!(await hasChildren(tree, placed))) return
  for (const document of placed) {
    const { above } = await climb(document)
    refuse(document, ascentOf(document, [...documents, ...above], placementOf(tree)))
  }
}

function refuse(document: DocumentBase, { cycle }: Pick<Ascent<DocumentBase>, 'cycle'>): void {
  if (!cycle?.includes(document)) return
  throw new CycleRefused({
    model: modelOf(document).modelName,
    id: String(document._id),
    cycle: [document, ...cycle.slice(1).reverse(), document].map(each => String(each._id)).join(' > '),
  })
}

interface Tree {
  readonly model: RuntimeModel
  readonly parent: string
  readonly labelPath: string
  /** The field that parents are referred to by. */
  readonly by: string
  key(document: DocumentBase): unknown
  parentKey(document: DocumentBase): unknown
  label(document: DocumentBase): string
}

function treeOf(model: RuntimeModel): Tree {
  const { tree } = settingsOf(model.definition)
  const field = model.definition.fieldByName.get(tree?.parent ?? '')
  if (!tree || !field?.ref) throw refused(model.definition, `"${tree?.parent}" is no reference to the parent`)
  if (!model.definition.fieldByName.has(tree.label))
    throw refused(model.definition, `there is no field "${tree.label}"`)
  const mark = field.ref
  return {
    model,
    parent: tree.parent,
    labelPath: tree.label,
    by: mark.by,
    key: document => document[mark.by],
    parentKey: document => refKey(document[tree.parent], mark),
    label: document => String(document[tree.label] ?? document[mark.by]),
  }
}

// A document without its parent would pass for a root.
function treeAround(document: DocumentBase): Tree {
  const tree = treeOf(modelOf(document))
  const { select } = DocumentBase.stateOf(document)
  const unread = [tree.by, tree.parent, tree.labelPath].find(name => extentOf(select, name) !== 'whole')
  if (unread === undefined) return tree
  const reason = `its place in the tree goes by "${unread}", which was not read`
  throw new GooseError('INVALID_QUERY', { model: tree.model.modelName, reason, hint: 'read it as well' })
}

function refused(definition: ModelDefinition, reason: string): GooseError {
  const hint = "write tree({ parent: 'parent', label: 'name' }) with the names of two fields"
  return new GooseError('MODEL_INVALID', { model: definition.name, reason: `tree: ${reason}`, hint })
}

function placementOf(tree: Tree): Placement<DocumentBase> {
  return { key: tree.key, parent: tree.parentKey, label: tree.label }
}

async function find(model: RuntimeModel, filter: Document): Promise<DocumentBase[]> {
  const sort: Plan['sort'] = [[treeOf(model).labelPath, 1]]
  const bytes = await readAll(model.definition, { ...emptyPlan, filters: [filter], sort })
  return readInto(model, bytes)
}

async function hasChildren({ model, parent, key }: Tree, documents: readonly DocumentBase[]): Promise<boolean> {
  const filters = [{ [parent]: { $in: documents.map(key) } }]
  const plan: Plan = { ...emptyPlan, filters, limit: 1, select: ['_id'], deleted: 'include' }
  return (await readAll(model.definition, plan)).length > 0
}

async function climb(document: DocumentBase) {
  const tree = treeAround(document)
  const from = tree.parentKey(document)
  if (from === null || from === undefined) return { above: [], missing: undefined, cycle: undefined }
  const lookup = { startWith: `$${tree.by}`, connectFromField: tree.parent, connectToField: tree.by }
  const found = await graph(tree, { match: { [tree.by]: from }, lookup, deleted: 'exclude' })
  return ascentOf(document, found, placementOf(tree))
}

const DEPTH = '__depth'

function below(document: DocumentBase, depth: number | undefined): Promise<DocumentBase[]> {
  const tree = treeAround(document)
  const lookup = {
    startWith: `$${tree.by}`,
    connectFromField: tree.by,
    connectToField: tree.parent,
    ...(depth === undefined ? {} : { maxDepth: depth - 1 }),
  }
  return graph(tree, { match: { [tree.by]: tree.key(document) }, lookup, deleted: 'exclude' })
}

interface Search {
  readonly match: Document
  readonly lookup: Document
  readonly deleted: Plan['deleted']
}

async function graph({ model, labelPath }: Tree, { match, lookup, deleted }: Search): Promise<DocumentBase[]> {
  const { definition } = model
  const pipeline = [
    { $match: match },
    { $graphLookup: { from: definition.collection, as: 'found', depthField: DEPTH, ...lookup } },
    { $unwind: '$found' },
    { $replaceRoot: { newRoot: '$found' } },
    { $sort: { [DEPTH]: 1, [labelPath]: 1 } },
  ]
  const stages = scopedPipeline(definition, pipeline, deleted) as Document[]
  const found = await run(definition, { operation: 'aggregate', filter: stages }, (collection, session) =>
    collection.aggregate(stages, { raw: true, ...session }).toArray(),
  )
  return found.map(bytes => {
    const document = hydrate(model, bytes as unknown as Uint8Array)
    delete document[DEPTH]
    return document
  })
}

function depthOf(model: RuntimeModel, depth: number | undefined): number | undefined {
  if (depth === undefined || (Number.isSafeInteger(depth) && depth >= 1)) return depth
  throw new GooseError('INVALID_QUERY', {
    model: model.modelName,
    reason: `the depth of descendants is ${depth}`,
    hint: 'give a whole number from 1, or leave it out for all',
  })
}

function branch(
  documents: DocumentBase[],
  missing: unknown,
  cycle: readonly DocumentBase[] | undefined,
): Branch<DocumentBase> {
  return Object.defineProperties(documents, { missing: { value: missing }, cycle: { value: cycle } }) as never
}

function trail(items: readonly Crumb[], missing: unknown, cycle: readonly Crumb[] | undefined): Breadcrumbs {
  const labels = items.map(item => item.label)
  const first = cycle
    ? [`(cycle ${[...cycle, cycle[0]!].map(item => item.label).join(' > ')})`]
    : missing === undefined
      ? []
      : [`(missing ${String(missing)})`]
  return {
    items,
    missing,
    isCycle: cycle !== undefined,
    cycle,
    text: (separator = ' > ') => [...first, ...labels].join(separator),
  }
}
