// Faults that the database itself can count: orphan references, mixed types, duplicates.
import type { Document as StoredDocument } from 'mongodb'
import type { Field } from '../models/field.ts'
import type { IndexDeclaration } from '../models/index-declaration.ts'
import { settingsOf } from '../models/settings.ts'
import { mendOrphans, mendValue, quoted } from './mending.ts'
import type { AnyModel, LoadedModel } from './models.ts'

/** Something wrong, how much of it, and what mends it. */
export interface Finding {
  readonly model: string
  readonly finding: string
  readonly path: string
  readonly count: number
  readonly detail: string
  readonly mend: string
}

/** Finds references whose document is gone. */
export async function orphansOf(loaded: LoadedModel): Promise<readonly Finding[]> {
  const places = referencesOf(loaded.model.definition.fields, [])
  return (await Promise.all(places.map(place => orphansAt(loaded, place)))).flat()
}

async function orphansAt(loaded: LoadedModel, { path, lists, field }: ReferencePath): Promise<readonly Finding[]> {
  const target = field.ref?.target() as unknown as AnyModel
  const { collectionName } = await target.collection()
  const rows = await aggregate(loaded, [
    ...living(loaded),
    ...lists.map(list => ({ $unwind: `$${list}` })),
    { $match: { [path]: { $nin: [null] } } },
    { $group: { _id: `$${path}`, count: { $sum: 1 }, holder: { $first: '$_id' } } },
    { $lookup: { from: collectionName, localField: '_id', foreignField: field.ref?.by ?? '_id', as: 'found' } },
    { $match: { found: { $size: 0 } } },
    { $project: { found: 0 } },
    { $sort: { _id: 1 } },
  ])
  if (rows.length === 0) return []
  const count = rows.reduce((sum, row) => sum + Number(row.count), 0)
  const missing = rows.map(row => row._id)
  const mend = mendOrphans(loaded, { id: rows[0]?.holder, path, field, lists, missing, count })
  const detail = `${target.modelName} ${missing.slice(0, 3).map(String).join(', ')} gone`
  return [{ model: loaded.name, finding: 'orphan reference', path, count, detail, mend }]
}

/** Leaves out what is marked as deleted: commands that change documents do not see it. */
function living({ model }: LoadedModel): StoredDocument[] {
  const { softDelete } = settingsOf(model.definition)
  return softDelete ? [{ $match: { [softDelete.field]: null } }] : []
}

/** Finds fields that hold values of more than one type. */
export async function mixedTypesOf(loaded: LoadedModel): Promise<readonly Finding[]> {
  const scalars = loaded.model.definition.fields.filter(
    field => !['array', 'object', 'record', 'mixed', 'many'].includes(field.kind) && !field.marks.transient,
  )
  const findings: Finding[] = []
  for (const field of scalars) {
    const stored = await storedTypes(loaded, field.name)
    if (stored.length < 2) continue
    const usual = stored.find(({ type }) => type === usualType(field)) ?? stored[0]
    const others = stored.filter(entry => entry !== usual)
    findings.push({
      model: loaded.name,
      finding: 'mixed types',
      path: field.name,
      count: others.reduce((sum, { count }) => sum + count, 0),
      detail: stored.map(({ type, count }) => `${count} ${type}`).join(', '),
      mend: await mendValue(loaded, { id: others[0]?.holder, path: field.name }),
    })
  }
  return findings
}

interface StoredType {
  readonly type: string
  readonly count: number
  readonly holder: unknown
}

/** Gives the types of a field's values with a document that holds one, the most frequent first. */
async function storedTypes(loaded: LoadedModel, path: string): Promise<readonly StoredType[]> {
  const rows = await aggregate(loaded, [
    ...living(loaded),
    { $group: { _id: { $type: `$${path}` }, count: { $sum: 1 }, holder: { $first: '$_id' } } },
  ])
  const types = new Map<string, StoredType>()
  for (const row of rows.filter(({ _id }) => !['missing', 'null', 'undefined'].includes(String(_id)))) {
    const type = kindOf(String(row._id))
    const count = Number(row.count) + (types.get(type)?.count ?? 0)
    types.set(type, { type, count, holder: row.holder })
  }
  return [...types.values()].sort((one, other) => other.count - one.count)
}

/** Names the type in which the values of a field are stored, where that can be told. */
function usualType({ kind, marks, ref }: Field): string | undefined {
  if (marks.encrypted || (ref && ref.by !== '_id')) return undefined
  const types: Partial<Record<Field['kind'], string>> = { boolean: 'bool', ref: 'objectId', uuid: 'binData' }
  const isNumber = kind === 'decimal' || kind === 'long'
  return isNumber ? 'number' : (types[kind] ?? kind)
}

/** Finds documents that would stand in the way of a unique index. */
export async function duplicatesOf(loaded: LoadedModel, index: IndexDeclaration): Promise<readonly Finding[]> {
  const paths = Object.keys(index.key)
  const keys = Object.fromEntries(paths.map((path, at) => [`k${at}`, `$${path}`]))
  const rows = await aggregate(loaded, [
    ...indexed(index),
    { $group: { _id: keys, count: { $sum: 1 }, holder: { $max: '$_id' } } },
    { $match: { count: { $gt: 1 } } },
  ])
  if (rows.length === 0) return []
  const shown = rows.slice(0, 3).map(row =>
    Object.values(row._id as object)
      .map(String)
      .join(' '),
  )
  const { softDelete } = settingsOf(loaded.model.definition)
  // What is only marked as deleted stays in an index of all documents.
  const isInTheWay = softDelete !== undefined && !(softDelete.field in (index.partialFilterExpression ?? {}))
  const count = rows.reduce((sum, row) => sum + Number(row.count) - 1, 0)
  const finding = 'duplicates before a unique index'
  const mend = `goose delete ${loaded.name} ${quoted(String(rows[0]?.holder))}${isInTheWay ? ' --hard' : ''}`
  return [{ model: loaded.name, finding, path: paths.join(', '), count, detail: shown.join('; '), mend }]
}

/** Leaves out the documents that an index would leave out. */
function indexed({ key, sparse, partialFilterExpression }: IndexDeclaration): StoredDocument[] {
  const some = sparse ? { $or: Object.keys(key).map(path => ({ [path]: { $exists: true } })) } : {}
  return [{ $match: { ...some, ...partialFilterExpression } }]
}

const numbers = new Set(['int', 'long', 'double', 'decimal'])

function kindOf(type: string): string {
  return numbers.has(type) ? 'number' : type
}

async function aggregate({ model }: LoadedModel, pipeline: StoredDocument[]): Promise<readonly StoredDocument[]> {
  const collection = await model.collection()
  return collection.aggregate(pipeline, { allowDiskUse: true }).toArray()
}

interface ReferencePath {
  readonly path: string
  /** The lists on the way, which are taken apart first. */
  readonly lists: readonly string[]
  readonly field: Field
}

function referencesOf(fields: readonly Field[], lists: readonly string[]): readonly ReferencePath[] {
  return fields.flatMap(field => {
    const { leaf, own } = innermost(field, lists)
    if (leaf.ref) return [{ path: field.path, lists: own, field: leaf }]
    return referencesOf(leaf.fields ?? [], own)
  })
}

function innermost(field: Field, lists: readonly string[]): { readonly leaf: Field; readonly own: readonly string[] } {
  return field.element
    ? innermost({ ...field.element, path: field.path }, [...lists, field.path])
    : { leaf: field, own: lists }
}
