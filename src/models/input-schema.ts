// Schemas of what an API may take for a model: without secret fields and those the server sets.
import * as z from 'zod'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'

/** Gives the schema of a request that creates a document. */
export function createSchemaOf(definition: ModelDefinition): z.ZodObject {
  return objectOf(open(definition).map(field => [field.name, readable(field, field.schema)]))
}

/** Gives the schema of a request that changes one: nothing is required, and no default fills what was left out. */
export function updateSchemaOf(definition: ModelDefinition): z.ZodObject {
  return objectOf(
    open(definition).map(field => [field.name, z.optional(readable(field, withoutDefault(field.schema)) as z.ZodType)]),
  )
}

/** Gives the JSON Schema of a request that creates a document. */
export function jsonSchemaOf(definition: ModelDefinition): Record<string, unknown> {
  const made = z.toJSONSchema(createSchemaOf(definition), {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      const field = fieldAt(definition, path)
      if (field && zodSchema === field.schema) Object.assign(jsonSchema, texts[field.ref ? 'ref' : field.kind])
    },
  })
  return { ...made, title: definition.name }
}

const hex = { type: 'string', pattern: '^[0-9a-fA-F]{24}$' }
const texts: Readonly<Record<string, Record<string, unknown> | undefined>> = {
  objectId: hex,
  ref: hex,
  date: { type: 'string', format: 'date-time' },
  uuid: { type: 'string', format: 'uuid' },
  long: { type: ['integer', 'string'], pattern: '^-?[0-9]{1,19}$' },
  decimal: { type: ['string', 'number'] },
}

function fieldAt(definition: ModelDefinition, path: readonly (string | number)[]): Field | undefined {
  return path[0] === 'properties' ? definition.fieldByName.get(String(path[1])) : undefined
}

function open(definition: ModelDefinition): readonly Field[] {
  const byPlugins = new Set(definition.plugins.flatMap(plugin => Object.keys((plugin.fields ?? {}) as object)))
  return definition.fields.filter(
    field =>
      !field.marks.secret &&
      field.kind !== 'many' &&
      field.name !== '_id' &&
      field.name !== definition.variant?.by &&
      !byPlugins.has(field.name),
  )
}

function objectOf(entries: readonly (readonly [string, unknown])[]): z.ZodObject {
  return z.strictObject(Object.fromEntries(entries) as Record<string, z.ZodType>)
}

// JSON has no dates: text in ISO form is taken for one.
function readable(field: Field, schema: unknown): unknown {
  if (field.kind !== 'date') return schema
  const made = z.preprocess(asDate, schema as z.ZodType)
  return field.optional || field.defaultOf ? z.optional(made) : made
}

function asDate(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const date = new Date(value)
  return /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(date.getTime()) ? date : value
}

function withoutDefault(schema: unknown): unknown {
  const { type, innerType } = (schema as z.ZodType)._zod.def as unknown as {
    readonly type: string
    readonly innerType?: z.ZodType
  }
  if (type === 'default' || type === 'prefault' || type === 'optional') return withoutDefault(innerType)
  if (type === 'nullable') return z.nullable(withoutDefault(innerType) as z.ZodType)
  return schema
}
