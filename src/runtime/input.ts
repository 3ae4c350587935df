// Makes the fields of a new document of what it was called with: converted, and with their defaults.
import { ObjectId } from 'mongodb'
import * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import type { Field } from '../models/field.ts'
import { type Passed, passedAll, passedOne } from './checked.ts'

type Values = Record<string, unknown>

/** Fills a new document. Values that do not fit stay as they are: hooks may still repair them, and a save refuses them. */
export function fillFrom(definition: ModelDefinition, document: Values, given: Readonly<Values>): Passed | undefined {
  const schema = schemaOf(definition)
  if (!schema.declaresId) document._id = given._id === undefined ? new ObjectId() : idFrom(given._id)
  const whole = wholeFrom(schema, given)
  if (!whole) {
    let passed: Passed | undefined
    for (const field of schema.fields) passed = fillOne(document, { field, given: given[field.name], passed })
    return passed
  }
  for (const name of schema.names) {
    const value = whole[name]
    if (value !== undefined) document[name] = value
  }
  return passedAll(document._id, whole, schema.fields)
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
  try {
    return z.safeParse(whole.schema, withEveryName(whole.names, given)).data
  } catch (error) {
    // A schema that throws is asked again, alone, and what it throws is then its own.
    if (error instanceof z.core.$ZodAsyncError) whole.isAsync = true
    return undefined
  }
}

// zod is lenient with optional names that are not there.
function withEveryName(names: readonly string[], given: Readonly<Values>): Readonly<Values> {
  for (const name of names) {
    if (given[name] !== undefined || name in given) continue
    return Object.fromEntries(names.map(each => [each, given[each]]))
  }
  return given
}

interface Filling {
  readonly field: Field
  readonly given: unknown
  readonly passed: Passed | undefined
}

function fillOne(document: Values, { field, given, passed }: Filling): Passed | undefined {
  if (given === undefined && !field.defaultOf) return passed
  try {
    const parsed = z.safeParse(field.schema as z.core.$ZodType, given)
    const value = parsed.success ? parsed.data : given
    if (value !== undefined) document[field.name] = value
    return parsed.success ? passedOne(passed, field, value) : passed
  } catch (error) {
    if (!(error instanceof z.core.$ZodAsyncError)) throw error
    const value = given ?? field.defaultOf?.()
    if (value !== undefined) document[field.name] = value
    return passed
  }
}

function idFrom(value: unknown): unknown {
  return typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value) ? new ObjectId(value) : value
}
