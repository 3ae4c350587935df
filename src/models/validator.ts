// The server's validator of a model: its fields as the $jsonSchema that MongoDB understands.
import * as z from 'zod'
import type { ModelDefinition } from './definition.ts'
import { BLIND, CIPHER } from './envelope.ts'
import type { Field } from './field.ts'
import { MARKS, type Marks } from './marks.ts'
import { REF, type RefMark } from './ref.ts'

/** A JSON schema with BSON types. */
export type BsonSchema = Record<string, unknown>

/** Gives the validator of what this model stores; fields it does not declare are let through. */
export function validatorOf(definition: ModelDefinition): BsonSchema {
  const stored = definition.fields.filter(field => !field.marks.transient && field.kind !== 'many')
  const required = stored.filter(field => !field.optional && !field.defaultOf).map(field => field.name)
  return {
    bsonType: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(stored.map(field => [field.name, schemaOf(field)])),
  }
}

function schemaOf(field: Field): BsonSchema {
  const made = z.toJSONSchema(field.schema as z.core.$ZodType, {
    target: 'draft-4',
    io: 'output',
    unrepresentable: 'any',
    cycles: 'ref',
    override: ({ zodSchema, jsonSchema }) => {
      const known = typeOf(zodSchema)
      if (known) replace(jsonSchema as BsonSchema, known)
    },
  })
  return clean(made) as BsonSchema
}

function replace(schema: BsonSchema, by: BsonSchema): void {
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, by)
}

interface Definition {
  readonly type: string
  readonly [MARKS]?: Marks
  readonly [REF]?: RefMark
}

const bsonTypes = {
  objectId: 'objectId',
  decimal: 'decimal',
  long: 'long',
  binary: 'binData',
  uuid: 'binData',
} as const

// What zod cannot say in JSON Schema; null and absent values of wrappers stay zod's business.
function typeOf(schema: z.core.$ZodType): BsonSchema | undefined {
  const definition = schema._zod.def as unknown as Definition
  const marks = definition[MARKS]
  if (marks?.encrypted && !isWrapper(definition.type)) return encryptedType(marks.encrypted.queryable)
  if (definition[REF]) return keyType(definition[REF])
  if (marks?.bson) return marks.bson === 'long' ? { bsonType: ['long', 'int'] } : { bsonType: bsonTypes[marks.bson] }
  if (definition.type === 'date') return { bsonType: 'date' }
  return definition.type === 'bigint' ? { bsonType: ['long', 'int'] } : undefined
}

function isWrapper(type: string): boolean {
  return ['optional', 'nullable', 'default', 'prefault', 'nonoptional', 'readonly', 'catch', 'pipe'].includes(type)
}

function encryptedType(isQueryable: boolean): BsonSchema {
  if (!isQueryable) return { bsonType: 'binData' }
  const properties = { [CIPHER]: { bsonType: 'binData' }, [BLIND]: { bsonType: 'binData' } }
  return { bsonType: 'object', required: [CIPHER, BLIND], properties }
}

function keyType(mark: RefMark): BsonSchema {
  const target = mark.target() as unknown as { readonly definition?: ModelDefinition }
  const field = target.definition?.fieldByName.get(mark.by)
  if (field) return typeOf(field.schema as z.core.$ZodType) ?? {}
  return mark.by === '_id' ? { bsonType: 'objectId' } : {}
}

const kept = new Set(
  (
    'bsonType required properties items additionalItems minItems maxItems uniqueItems minLength maxLength pattern enum ' +
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minProperties maxProperties anyOf allOf oneOf not ' +
    'additionalProperties'
  ).split(' '),
)

const number = ['int', 'long', 'double', 'decimal']
const names: Readonly<Record<string, unknown>> = { boolean: 'bool', number, integer: number }

/** Keeps the words that the server knows; an unknown property is let through, as a save keeps it. */
function clean(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(clean)
  if (typeof schema !== 'object' || schema === null) return schema
  const { type, const: only, ...rest } = schema as BsonSchema
  const result: BsonSchema = {}
  if (type !== undefined) result.bsonType = names[type as string] ?? type
  if (type === 'integer') result.multipleOf = 1
  if (only !== undefined) result.enum = [only]
  for (const [key, value] of Object.entries(rest)) {
    if (!kept.has(key) || (key === 'additionalProperties' && value === false)) continue
    if (key === 'properties') result.properties = cleanEach(value as BsonSchema)
    else result[key] = key === 'enum' || key === 'required' ? value : clean(value)
  }
  if (isSafe(result.minimum) === false) delete result.minimum
  if (isSafe(result.maximum) === false) delete result.maximum
  return result
}

function cleanEach(properties: BsonSchema): BsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, clean(schema)]))
}

// zod bounds integers by the safe ones; saying so costs the server work and tells it nothing.
function isSafe(bound: unknown): boolean | undefined {
  return typeof bound === 'number' ? Math.abs(bound) !== Number.MAX_SAFE_INTEGER : undefined
}
