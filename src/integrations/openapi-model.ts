// What an answer shows of a document, as JSON Schema: secrets left out, references as ids or documents.
import type * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import { type Field, isSecret } from '../models/field.ts'
import { type JsonSchema, jsonSchema } from '../models/json-schema.ts'

/** Gives the schema of a model that other schemas refer to, where there is one. */
export type KnownModels = (name: string) => JsonSchema | undefined

/** Makes the JSON Schema of what answers show of a model's documents. */
export function documentComponent(definition: ModelDefinition, known: KnownModels): JsonSchema {
  const id = definition.fieldByName.has('_id') ? {} : { _id: { type: 'string', pattern: '^[0-9a-f]{24}$' } }
  return objectOf(definition.fields, known, { properties: id, required: ['_id'] })
}

function objectOf(
  fields: readonly Field[],
  known: KnownModels,
  start: { readonly properties: Record<string, JsonSchema>; readonly required: readonly string[] },
): JsonSchema {
  const shown = fields.filter(field => !isSecret(field) && !field.marks.transient)
  const properties = { ...start.properties }
  for (const field of shown) properties[field.name] = shownOf(field, known)
  const always = shown.filter(field => !field.optional && field.kind !== 'many').map(field => field.name)
  const required = [...new Set([...start.required, ...always])]
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

function shownOf(field: Field, known: KnownModels): JsonSchema {
  const made = bare(field, known)
  return field.nullable ? { anyOf: [made, { type: 'null' }] } : made
}

function bare(field: Field, known: KnownModels): JsonSchema {
  if (field.kind === 'many') return { type: 'array', items: known(nameOf(field.marks.many!.target())) ?? {} }
  if (field.ref) return eitherWay(jsonSchema(plain(field), 'output'), known(field.ref.target().modelName))
  if (field.element) return { type: 'array', items: shownOf(field.element, known) }
  if (field.fields) return objectOf(field.fields, known, { properties: {}, required: [] })
  return jsonSchema(plain(field), 'output')
}

// Loaded or not: the document, or its id; null where it was asked for and is gone.
function eitherWay(id: JsonSchema, document: JsonSchema | undefined): JsonSchema {
  return document ? { anyOf: [id, document, { type: 'null' }] } : id
}

function nameOf(model: unknown): string {
  return (model as { readonly modelName: string }).modelName
}

// What wraps a schema, such as a default, says nothing of what is shown.
function plain(field: Field): z.core.$ZodType {
  let schema = field.schema as z.core.$ZodType
  for (;;) {
    const { type, innerType } = schema._zod.def as unknown as { readonly type: string; readonly innerType?: z.ZodType }
    if (!innerType || !['optional', 'nullable', 'default', 'prefault'].includes(type)) return schema
    schema = innerType
  }
}
