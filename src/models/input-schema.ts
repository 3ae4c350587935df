// Schemas of what an API may take for a model: without secret fields and those the server sets.
import * as z from 'zod'
import type { ModelDefinition } from './definition.ts'
import { type Field, isSecret } from './field.ts'
import { jsonSchema } from './json-schema.ts'
import { readable } from './readable.ts'

/** Gives the schema of a request that creates a document. */
export function createSchemaOf(definition: ModelDefinition): z.ZodObject {
  return objectOf([...ownId(definition), ...open(definition)].map(field => [field.name, readable(field.schema)]))
}

/** Gives the schema of a request that changes one: nothing is required, and no default fills what was left out. */
export function updateSchemaOf(definition: ModelDefinition): z.ZodObject {
  return objectOf(
    open(definition).map(field => [field.name, z.optional(readable(withoutDefault(field.schema)) as z.ZodType)]),
  )
}

/** Gives the JSON Schema of a request that creates a document. */
export function jsonSchemaOf(definition: ModelDefinition): Record<string, unknown> {
  return { ...jsonSchema(createSchemaOf(definition), 'input'), title: definition.name }
}

// An id that the model declares and nothing makes up is the client's to give.
function ownId(definition: ModelDefinition): readonly Field[] {
  const id = definition.fieldByName.get('_id')
  return id && !id.defaultOf && !id.optional ? [id] : []
}

function open(definition: ModelDefinition): readonly Field[] {
  const byPlugins = new Set(definition.plugins.flatMap(plugin => Object.keys((plugin.fields ?? {}) as object)))
  return definition.fields.filter(
    field =>
      !isSecret(field) &&
      field.kind !== 'many' &&
      field.name !== '_id' &&
      field.name !== definition.variant?.by &&
      !byPlugins.has(field.name),
  )
}

function objectOf(entries: readonly (readonly [string, unknown])[]): z.ZodObject {
  return z.strictObject(Object.fromEntries(entries) as Record<string, z.ZodType>)
}

function withoutDefault(schema: z.core.SomeType): z.core.SomeType {
  const { type, innerType } = schema._zod.def as unknown as { readonly type: string; readonly innerType: z.ZodType }
  if (type === 'default' || type === 'prefault' || type === 'optional') return withoutDefault(innerType)
  if (type === 'nullable') return z.nullable(withoutDefault(innerType) as z.ZodType)
  return schema
}
