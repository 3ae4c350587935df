// Faults that the database itself can count: orphan references, mixed types, duplicates.
import type { Document as StoredDocument } from 'mongodb'
import type { Field } from '../models/field.ts'
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
  const findings: Finding[] = []
  for (const { path, lists, field } of referencesOf(loaded.model.definition.fields, [])) {
    const target = field.ref?.target() as unknown as AnyModel
    const { collectionName } = await target.collection()
    const by = field.ref?.by ?? '_id'
    const rows = await aggregate(loaded, [
      ...lists.map(list => ({ $unwind: `$${list}` })),
      { $match: { [path]: { $nin: [null] } } },
      { $group: { _id: `$${path}`, count: { $sum: 1 }, holder: { $first: '$_id' } } },
      { $lookup: { from: collectionName, localField: '_id', foreignField: by, as: 'found' } },
      { $match: { found: { $size: 0 } } },
      { $project: { found: 0 } },
    ])
    if (rows.length === 0) continue
    findings.push({
      model: loaded.name,
      finding: 'orphan reference',
      path,
      count: rows.reduce((sum, row) => sum + Number(row.count), 0),
      detail: `${target.modelName} ${rows
        .slice(0, 3)
        .map(row => String(row._id))
        .join(', ')} gone`,
      mend: `goose update ${loaded.name} ${String(rows[0]?.holder)} --set ${path}=ID`,
    })
  }
  return findings
}

/** Finds fields that hold values of more than one type. */
export async function mixedTypesOf(loaded: LoadedModel): Promise<readonly Finding[]> {
  const scalars = loaded.model.definition.fields.filter(
    field => !['array', 'object', 'record', 'mixed', 'many'].includes(field.kind) && !field.marks.transient,
  )
  const findings: Finding[] = []
  for (const { name } of scalars) {
    const rows = await aggregate(loaded, [{ $group: { _id: { $type: `$${name}` }, count: { $sum: 1 } } }])
    const counts = new Map<string, number>()
    for (const { _id, count } of rows)
      counts.set(kindOf(String(_id)), (counts.get(kindOf(String(_id))) ?? 0) + Number(count))
    for (const nothing of ['missing', 'null', 'undefined']) counts.delete(nothing)
    if (counts.size < 2) continue
    const [, ...others] = [...counts].sort(([, one], [, other]) => other - one)
    findings.push({
      model: loaded.name,
      finding: 'mixed types',
      path: name,
      count: others.reduce((sum, [, count]) => sum + count, 0),
      detail: [...counts].map(([type, count]) => `${count} ${type}`).join(', '),
      mend: `goose models check ${loaded.name}`,
    })
  }
  return findings
}

/** Finds documents that would stand in the way of a unique index. */
export async function duplicatesOf(loaded: LoadedModel, paths: readonly string[]): Promise<readonly Finding[]> {
  const keys = Object.fromEntries(paths.map((path, index) => [`k${index}`, `$${path}`]))
  const rows = await aggregate(loaded, [
    { $group: { _id: keys, count: { $sum: 1 }, holder: { $first: '$_id' } } },
    { $match: { count: { $gt: 1 } } },
  ])
  if (rows.length === 0) return []
  const shown = rows.slice(0, 3).map(row =>
    Object.values(row._id as object)
      .map(String)
      .join(' '),
  )
  return [
    {
      model: loaded.name,
      finding: 'duplicates before a unique index',
      path: paths.join(', '),
      count: rows.reduce((sum, row) => sum + Number(row.count) - 1, 0),
      detail: shown.join('; '),
      mend: `goose delete ${loaded.name} ${String(rows[0]?.holder)}`,
    },
  ]
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
