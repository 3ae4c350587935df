// What a collection's validator says of fields: the only source where a collection is empty.
import type { FieldType, InferredField, PlainKind } from './inference-field.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** Gives the JSON schema of a collection's options, if it has one. */
export function schemaIn(options: Readonly<Record<string, unknown>>): JsonSchema | undefined {
  const schema = (options.validator as { readonly $jsonSchema?: unknown } | undefined)?.$jsonSchema
  return isObject(schema) ? schema : undefined
}

/** Gives the texts that a schema allows, by path. */
export function allowedBy(schema: JsonSchema | undefined, parent = ''): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  if (!schema) return found
  const values = schema.enum
  if (Array.isArray(values) && values.length > 0 && values.every(value => typeof value === 'string' || value === null))
    found.set(
      parent,
      values.filter(value => typeof value === 'string'),
    )
  const inner = [
    ...Object.entries(isObject(schema.properties) ? schema.properties : {}).map(
      ([name, of]) => [parent === '' ? name : `${parent}.${name}`, of] as const,
    ),
    ...(isObject(schema.items) ? [[parent, schema.items] as const] : []),
  ]
  for (const [path, of] of inner) if (isObject(of)) for (const entry of allowedBy(of, path)) found.set(...entry)
  return found
}

/** Gives the fields of a schema. */
export function fieldsBy(schema: JsonSchema, canBe: (name: string) => boolean): readonly InferredField[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const properties = isObject(schema.properties) ? schema.properties : {}
  return Object.entries(properties)
    .filter(([name, of]) => canBe(name) && isObject(of))
    .map(([name, of]) => ({
      name,
      type: typeBy(of as JsonSchema, canBe),
      optional: !required.has(name),
      nullable: typesOf(of as JsonSchema).includes('null'),
      notes: [],
    }))
}

const kinds: Readonly<Record<string, PlainKind>> = {
  string: 'string',
  int: 'int',
  double: 'number',
  number: 'number',
  long: 'long',
  decimal: 'decimal',
  bool: 'boolean',
  boolean: 'boolean',
  date: 'date',
  objectId: 'objectId',
  binData: 'binary',
}

function typeBy(schema: JsonSchema, canBe: (name: string) => boolean): FieldType {
  const values = schema.enum
  if (Array.isArray(values) && values.length > 0 && values.every(value => typeof value === 'string'))
    return { kind: 'enum', values }
  const types = typesOf(schema).filter(type => type !== 'null')
  const [type] = types
  if (type === undefined || types.length > 1) return isNumeric(types) ? { kind: 'number' } : { kind: 'unknown' }
  if (type === 'object') return { kind: 'object', fields: fieldsBy(schema, canBe) }
  if (type === 'array')
    return { kind: 'array', of: isObject(schema.items) ? typeBy(schema.items, canBe) : { kind: 'unknown' } }
  return { kind: kinds[type] ?? 'unknown' }
}

function isNumeric(types: readonly string[]): boolean {
  return types.length > 0 && types.every(type => ['int', 'double', 'long', 'number'].includes(type))
}

function typesOf(schema: JsonSchema): readonly string[] {
  return [schema.bsonType ?? schema.type ?? []].flat().map(String)
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
