// JSON Schema of any zod schema with fields of models inside: ids, dates and large numbers as JSON has them.
import * as z from 'zod'
import type { ModelDefinition } from './definition.ts'
import { MARKS, type Marks } from './marks.ts'
import { REF, type RefMark } from './ref.ts'

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>

/** Which side of a schema: what it takes, or what it gives. */
export type Side = 'input' | 'output'

/** Gives the JSON Schema of a zod schema. `special` may say it for schemas that it knows. */
export function jsonSchema(
  schema: z.core.$ZodType,
  side: Side,
  special: (schema: z.core.$ZodType) => JsonSchema | undefined = () => undefined,
): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io: side,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const known = special(zodSchema) ?? knownOf(zodSchema)
      if (!known) return side === 'input' ? addRequired(zodSchema, jsonSchema) : undefined
      for (const key of Object.keys(jsonSchema)) if (key !== 'default' && key !== 'description') delete jsonSchema[key]
      Object.assign(jsonSchema, known)
    },
  })
  return made
}

/** The hex text of an ObjectId. */
const hex: JsonSchema = { type: 'string', pattern: '^[0-9a-fA-F]{24}$' }
const whole: JsonSchema = { type: ['integer', 'string'], pattern: '^-?[0-9]{1,19}$' }
const dateTime: JsonSchema = { type: 'string', format: 'date-time' }

const bsonTexts: Readonly<Record<NonNullable<Marks['bson']>, JsonSchema>> = {
  objectId: hex,
  uuid: { type: 'string', format: 'uuid' },
  long: whole,
  decimal: { type: ['string', 'number'] },
  binary: { type: 'string', contentEncoding: 'base64' },
}

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly out?: z.core.$ZodType
  readonly [MARKS]?: Marks
  readonly [REF]?: RefMark
}

// zod takes what is made by a function for what may be left out: ids, dates as text and the like.
function addRequired(schema: z.core.$ZodType, made: JsonSchema): void {
  const { shape } = definitionOf(schema)
  if (!shape) return
  const said = new Set((made.required ?? []) as readonly string[])
  const required = Object.keys(shape).filter(name => said.has(name) || isMade(shape[name]!))
  if (required.length > 0) made.required = required
}

function isMade(schema: z.core.$ZodType): boolean {
  const { type, innerType, in: before, out, ...definition } = definitionOf(schema)
  if (definition[REF] || definition[MARKS]?.bson || type === 'date') return true
  if (type === 'pipe') return isMade(before!._zod.def.type === 'transform' ? out! : before!)
  return (type === 'nullable' || type === 'readonly') && isMade(innerType!)
}

function knownOf(schema: z.core.$ZodType): JsonSchema | undefined {
  const definition = definitionOf(schema)
  if (definition[REF]) return keyOf(definition[REF])
  const bson = definition[MARKS]?.bson
  if (bson && (definition.type === 'transform' || definition.type === 'pipe')) return bsonTexts[bson]
  if (definition.type === 'date') return dateTime
  if (definition.type === 'bigint') return whole
  return knownBehind(definition)
}

// Values that may come as text: z.preprocess before what makes them.
function knownBehind({ type, in: before, out }: Definition): JsonSchema | undefined {
  const isPrepared = type === 'pipe' && before?._zod.def.type === 'transform' && out !== undefined
  return isPrepared ? knownOf(out) : undefined
}

function keyOf(mark: RefMark): JsonSchema {
  const target = mark.target() as unknown as { readonly definition?: ModelDefinition }
  const field = target.definition?.fieldByName.get(mark.by)
  if (field) return jsonSchema(field.schema as z.core.$ZodType, 'output')
  return mark.by === '_id' ? hex : {}
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition
}
