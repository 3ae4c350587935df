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
      if (!known) return
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
  readonly in?: z.core.$ZodType
  readonly out?: z.core.$ZodType
  readonly [MARKS]?: Marks
  readonly [REF]?: RefMark
}

function knownOf(schema: z.core.$ZodType): JsonSchema | undefined {
  const definition = schema._zod.def as unknown as Definition
  if (definition[REF]) return keyOf(definition[REF])
  const bson = definition[MARKS]?.bson
  if (bson && (definition.type === 'transform' || definition.type === 'pipe')) return bsonTexts[bson]
  if (definition.type === 'date') return dateTime
  if (definition.type === 'bigint') return whole
  return isPreparedDate(definition) ? dateTime : undefined
}

// Dates that may come as text: z.preprocess before z.date().
function isPreparedDate({ type, in: before, out }: Definition): boolean {
  return type === 'pipe' && before?._zod.def.type === 'transform' && out?._zod.def.type === 'date'
}

function keyOf(mark: RefMark): JsonSchema {
  const target = mark.target() as unknown as { readonly definition?: ModelDefinition }
  const field = target.definition?.fieldByName.get(mark.by)
  if (field) return jsonSchema(field.schema as z.core.$ZodType, 'output')
  return mark.by === '_id' ? hex : {}
}
