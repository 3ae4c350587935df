// The columns of CSV: which path each holds, and which type its cells have.
import type { ModelDefinition } from '../../models/definition.ts'
import type { Field } from '../../models/field.ts'
import { findPath } from '../../models/path.ts'
import type { RefMark } from '../../models/ref.ts'

/** The types of cells; auto takes what the text looks like. */
export const cellTypes = [
  'string',
  'int',
  'long',
  'double',
  'number',
  'decimal',
  'boolean',
  'date',
  'objectId',
  'uuid',
  'json',
  'auto',
] as const
export type CellType = (typeof cellTypes)[number]

/** One column. */
export interface CsvColumn {
  readonly path: string
  readonly type: CellType
  /** Whether the bare word null means null, not text. */
  readonly isNullable: boolean
}

/** Gives the columns that hold all stored fields of a model: one for each value, lists as one. */
export function columnsOf(definition: ModelDefinition, hidden: ReadonlySet<string>): readonly CsvColumn[] {
  const leaves = definition.fields.flatMap(field => leavesOf(field, hidden))
  const id = definition.fieldByName.has('_id') ? [] : [columnOf(definition, '_id')]
  return [...id, ...leaves.map(path => columnOf(definition, path))]
}

/** Gives the column of a path, with the type that the model's field takes. */
export function columnOf(definition: ModelDefinition, path: string): CsvColumn {
  const { field } = findPath(definition, path)
  if (!field) return { path, type: path === '_id' ? 'objectId' : 'auto', isNullable: path !== '_id' }
  return { path, type: typeOf(field), isNullable: field.nullable || typeOf(field) === 'auto' }
}

/** Reads the head of a column: `views`, `views:int`, or `views.int32()` as mongoimport knows it. */
export function columnOfHead(definition: ModelDefinition, head: string): CsvColumn | { readonly unknownType: string } {
  const typed = /^(.+):(\w+)$/.exec(head) ?? /^(.+)\.(\w+)\([^)]*\)$/.exec(head)
  const [, path = head, name] = typed ?? []
  if (name === undefined) return columnOf(definition, path)
  const type = otherNames[name.toLowerCase()] ?? cellTypes.find(one => one.toLowerCase() === name.toLowerCase())
  return type ? { path, type, isNullable: type !== 'string' } : { unknownType: name }
}

const otherNames: Readonly<Record<string, CellType>> = {
  bool: 'boolean',
  int32: 'int',
  int64: 'long',
  float: 'double',
  date_go: 'date',
  text: 'string',
}

const types: Partial<Record<Field['kind'], CellType>> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  objectId: 'objectId',
  decimal: 'decimal',
  long: 'long',
  uuid: 'uuid',
}

function typeOf(field: Field): CellType {
  if (field.marks.encrypted) return 'auto'
  if (field.ref) return typeOfKey(field.ref)
  return types[field.kind] ?? 'auto'
}

// A reference is stored as the key of its target.
function typeOfKey({ target, by }: RefMark): CellType {
  const { definition } = target() as unknown as { readonly definition?: ModelDefinition }
  const key = definition?.fieldByName.get(by)
  return key ? typeOf(key) : by === '_id' ? 'objectId' : 'auto'
}

function leavesOf(field: Field, hidden: ReadonlySet<string>): readonly string[] {
  if (hidden.has(field.path) || field.marks.transient || field.kind === 'many') return []
  const isOpen = field.kind === 'object' && field.fields && !field.loose && !field.nullable && !field.marks.encrypted
  return isOpen ? field.fields.flatMap(inner => leavesOf(inner, hidden)) : [field.path]
}
