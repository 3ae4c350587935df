// Makes the fields of a new document of what it was called with: converted, and with their defaults.
import { ObjectId } from 'mongodb'
import * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { remember, rememberAll } from './checked.ts'

type Values = Record<string, unknown>

/** Fills a new document. Values that do not fit stay as they are: hooks may still repair them, and a save refuses them. */
export function fillFrom(definition: ModelDefinition, document: Values, given: Readonly<Values>): void {
  const schema = schemaOf(definition)
  if (!schema.declaresId) document._id = given._id === undefined ? new ObjectId() : idFrom(given._id)
  const whole = wholeFrom(schema, given)
  if (!whole) {
    for (const field of schema.fields) fillOne(document, field, given[field.name])
    return
  }
  for (const name of schema.names) {
    const value = whole[name]
    if (value !== undefined) document[name] = value
  }
  rememberAll(document, whole, schema.names)
}

interface WholeSchema {
  readonly fields: readonly Field[]
  readonly names: readonly string[]
  readonly declaresId: boolean
  readonly schema: z.ZodObject
  isAsync: boolean
}

const schemas = new WeakMap<ModelDefinition, WholeSchema>()

function schemaOf(definition: ModelDefinition): WholeSchema {
  const there = schemas.get(definition)
  if (there) return there
  const fields = definition.fields.filter(field => field.kind !== 'many')
  const made = {
    fields,
    names: fields.map(field => field.name),
    declaresId: definition.fieldByName.has('_id'),
    schema: z.object(Object.fromEntries(fields.map(field => [field.name, field.schema])) as Record<string, z.ZodType>),
    isAsync: false,
  }
  schemas.set(definition, made)
  return made
}

// One schema of all fields is far quicker than one after the other, but says nothing about those that do not fit.
function wholeFrom(whole: WholeSchema, given: Readonly<Values>): Values | undefined {
  if (whole.isAsync) return undefined
  // Every name is there: zod is lenient with optional ones that are not.
  const input: Values = {}
  for (const name of whole.names) input[name] = given[name]
  try {
    return z.safeParse(whole.schema, input).data
  } catch (error) {
    // A schema that throws is asked again, alone, and what it throws is then its own.
    if (error instanceof z.core.$ZodAsyncError) whole.isAsync = true
    return undefined
  }
}

function fillOne(document: Values, field: Field, given: unknown): void {
  if (given === undefined && !field.defaultOf) return
  try {
    const parsed = z.safeParse(field.schema as z.core.$ZodType, given)
    const value = parsed.success ? parsed.data : given
    if (value !== undefined) document[field.name] = value
    if (parsed.success) remember(document, field.name, value)
  } catch (error) {
    if (!(error instanceof z.core.$ZodAsyncError)) throw error
    const value = given ?? field.defaultOf?.()
    if (value !== undefined) document[field.name] = value
  }
}

function idFrom(value: unknown): unknown {
  return typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value) ? new ObjectId(value) : value
}
