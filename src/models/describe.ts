// A model described for people and machines: fields, types, references, indexes.
import type { ModelDefinition } from './definition.ts'
import { type Field, innermost } from './field.ts'
import type { IndexDeclaration } from './index-declaration.ts'

/** One field as displays show it. */
export interface FieldDescription {
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly nullable: boolean
  readonly hasDefault: boolean
  readonly secret: boolean
  readonly transient: boolean
  readonly encrypted: boolean
  readonly ref?: { readonly model: string; readonly by: string }
  readonly values?: readonly unknown[]
  readonly fields?: readonly FieldDescription[]
}

/** A model as displays show it. */
export interface ModelDescription {
  readonly name: string
  readonly collection: string
  readonly connection: string
  readonly fields: readonly FieldDescription[]
  readonly indexes: readonly IndexDeclaration[]
  readonly plugins: readonly string[]
  readonly location: string
}

/** Describes a model, with the names of the models it refers to. */
export function describeModel(definition: ModelDefinition): ModelDescription {
  return { ...describeDefinition(definition), location: definition.location }
}

/** Describes what makes two definitions the same model. */
export function describeDefinition(definition: ModelDefinition): Omit<ModelDescription, 'location'> {
  const declared = definition.fieldByName.has('_id') ? [] : [idField]
  return {
    name: definition.name,
    collection: definition.collection,
    connection: definition.connection,
    fields: [...declared, ...definition.fields.map(describeField)],
    indexes: definition.indexes,
    plugins: definition.plugins.map(plugin => plugin.name),
  }
}

const idField: FieldDescription = {
  path: '_id',
  type: 'objectId',
  required: false,
  nullable: false,
  hasDefault: true,
  secret: false,
  transient: false,
  encrypted: false,
}

function describeField(field: Field): FieldDescription {
  const leaf = innermost(field)
  return {
    path: field.path,
    type: typeName(field),
    required: !field.optional && !field.defaultOf && !field.marks.many,
    nullable: field.nullable,
    hasDefault: field.defaultOf !== undefined,
    secret: field.marks.secret === true,
    transient: field.marks.transient === true,
    encrypted: field.marks.encrypted !== undefined,
    ...(leaf.ref ? { ref: { model: targetName(leaf), by: leaf.ref.by } } : {}),
    ...(field.marks.many ? { ref: { model: modelNameOf(field.marks.many.target), by: field.marks.many.foreign } } : {}),
    ...(leaf.values ? { values: leaf.values } : {}),
    ...(leaf.fields ? { fields: leaf.fields.map(describeField) } : {}),
  }
}

function typeName(field: Field): string {
  if (field.element) return `${typeName(field.element)}[]`
  if (field.marks.many) return `${modelNameOf(field.marks.many.target)}[]`
  return field.kind === 'ref' ? targetName(field) : field.kind
}

function targetName(field: Field): string {
  return field.ref ? modelNameOf(field.ref.target) : 'unknown'
}

// A class that is not defined yet (files that import each other) has no name to show.
function modelNameOf(target: () => unknown): string {
  try {
    return (target() as { readonly modelName?: string } | undefined)?.modelName ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
