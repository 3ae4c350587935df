// What JSON can say of a schema's values: text for dates and binary data, however deep, and no secret fields.
import * as z from 'zod'
import { bytesFrom } from './base64.ts'
import { MARKS, type Marks } from './marks.ts'
import { momentOf } from './moment.ts'

interface Definition {
  readonly type: string
  readonly innerType?: z.core.SomeType
  readonly element?: z.core.SomeType
  readonly shape?: Readonly<Record<string, z.core.SomeType>>
  readonly catchall?: z.core.SomeType
  readonly valueType?: z.core.SomeType
  readonly in?: z.core.SomeType
  readonly options?: readonly z.core.SomeType[]
  readonly items?: readonly z.core.SomeType[]
  readonly [MARKS]?: Marks
}

/** Gives the schema with dates and binary data that may come as text, and without the secret fields inside it. */
export function readable(schema: z.core.SomeType): z.core.SomeType {
  return read(schema, new Set())
}

// A schema that holds itself is left as it is where it comes again.
function read(schema: z.core.SomeType, around: ReadonlySet<z.core.SomeType>): z.core.SomeType {
  if (around.has(schema)) return schema
  const definition = definitionOf(schema)
  const within = new Set([...around, schema])
  if (definition.type === 'date') return z.preprocess(asDate, schema as z.ZodType)
  if (definition[MARKS]?.bson === 'binary' && definition.type === 'transform')
    return z.preprocess(asBytes, schema as unknown as z.ZodType)
  if (definition.type === 'object' && definition.shape) return readObject(schema, definition, within)
  return readParts(schema, definition, within)
}

function readParts(schema: z.core.SomeType, whole: Definition, within: ReadonlySet<z.core.SomeType>) {
  for (const part of ['innerType', 'element', 'valueType', 'in'] as const) {
    const inner = whole[part]
    if (!inner) continue
    const made = read(inner, within)
    return made === inner ? schema : changed(schema, { [part]: made })
  }
  for (const part of ['options', 'items'] as const) {
    const inner = whole[part]
    if (!inner) continue
    const made = inner.map(each => read(each, within))
    return made.every((each, i) => each === inner[i]) ? schema : changed(schema, { [part]: made })
  }
  return schema
}

// An object refuses names that it does not declare, as the body around it does, unless it takes any.
function readObject(schema: z.core.SomeType, whole: Definition, within: ReadonlySet<z.core.SomeType>) {
  const open = Object.entries(whole.shape!).filter(([, inner]) => !isSecret(inner))
  const shape = Object.fromEntries(open.map(([name, inner]) => [name, read(inner, within)]))
  return changed(schema, { shape, catchall: whole.catchall ?? z.never() })
}

function isSecret(schema: z.core.SomeType): boolean {
  const { innerType, element, ...definition } = definitionOf(schema)
  if (definition[MARKS]?.secret) return true
  const inner = innerType ?? element
  return inner !== undefined && isSecret(inner)
}

function changed(schema: z.core.SomeType, parts: Readonly<Record<string, unknown>>): z.core.SomeType {
  return z.core.clone(schema as never, { ...(schema._zod.def as object), ...parts } as never)
}

function definitionOf(schema: z.core.SomeType): Definition {
  return schema._zod.def as unknown as Definition
}

function asDate(value: unknown): unknown {
  const isDay = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)
  return isDay ? (momentOf(value) ?? value) : value
}

function asBytes(value: unknown): unknown {
  return typeof value === 'string' ? (bytesFrom(value) ?? value) : value
}
