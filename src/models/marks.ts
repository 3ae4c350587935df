// Marks on zod schemas: secret, transient, encrypted, and the BSON types that zod does not know.
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb'
import * as z from 'zod'

/** The key of a schema's definition that holds the marks; copied by every zod wrapper. */
export const MARKS: unique symbol = Symbol.for('goose.marks') as never

export interface Marks {
  readonly secret?: boolean
  readonly transient?: boolean
  readonly encrypted?: { readonly queryable: boolean }
  readonly bson?: 'objectId' | 'decimal' | 'long' | 'binary' | 'uuid'
  readonly many?: { readonly target: () => unknown; readonly foreign: string }
}

/** Gives a copy of the schema that carries the marks as well. */
function marked<Z extends z.core.SomeType>(schema: Z, marks: Marks): Z {
  const definition = schema._zod.def as object & { readonly [MARKS]?: Marks }
  return z.core.clone(schema as never, { ...definition, [MARKS]: { ...definition[MARKS], ...marks } } as never) as Z
}

/** A schema whose value is needed to create and gone after a save. */
export interface ZodTransient<Z extends z.core.SomeType> extends z.ZodType<z.output<Z> | undefined, z.input<Z>> {
  readonly $transient: true
}

/** Declares a field that is stored and never shown: displays and audit mask it, `toJSON` leaves it out. */
export function secret<Z extends z.core.SomeType>(schema: Z): Z {
  return marked(schema, { secret: true })
}

/** Declares a field that is required on create, seen by hooks, and never stored. */
export function transient<Z extends z.core.SomeType>(schema: Z): ZodTransient<Z> {
  return marked(schema, { transient: true }) as never
}

/** Declares a field that is encrypted at rest and plain in memory; a queryable one can be asked for equal values.
 *
 * ```ts
 * class Person extends model('Person', { taxId: encrypted(z.string(), { queryable: true }).optional() }) {}
 * ```
 */
export function encrypted<Z extends z.core.SomeType>(schema: Z, options: { readonly queryable?: boolean } = {}): Z {
  return marked(schema, { encrypted: { queryable: options.queryable ?? false } })
}

/** Declares an ObjectId; hex text is taken too. */
export function objectId(): z.ZodType<ObjectId, ObjectId | string> {
  return converted('objectId', 'an ObjectId or 24 hex digits', input =>
    input instanceof ObjectId
      ? input
      : typeof input === 'string' && /^[0-9a-f]{24}$/i.test(input)
        ? new ObjectId(input)
        : undefined,
  ) as never
}

/** Declares a Decimal128; text and numbers are taken too. */
export function decimal(): z.ZodType<Decimal128, Decimal128 | string | number> {
  return converted('decimal', 'a decimal number', input =>
    input instanceof Decimal128
      ? input
      : typeof input === 'number' || isDecimalText(input)
        ? Decimal128.fromString(String(input))
        : undefined,
  ) as never
}

/** Declares a 64-bit integer, a bigint in memory and text in JSON; whole numbers and their text are taken too. */
export function long(): z.ZodType<bigint, bigint | number | string | Long> {
  return converted('long', 'a whole number of at most 64 bits', input => {
    const isWhole = Number.isSafeInteger(input) || (typeof input === 'string' && /^-?\d{1,19}$/.test(input))
    const value = input instanceof Long ? input.toBigInt() : isWhole ? BigInt(input as number | string) : input
    return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? value : undefined
  }) as never
}

/** Declares binary data; buffers and byte arrays are taken too. */
export function binary(): z.ZodType<Binary, Binary | Uint8Array> {
  return converted('binary', 'binary data', input =>
    input instanceof Binary ? input : input instanceof Uint8Array ? new Binary(input) : undefined,
  ) as never
}

/** Declares a UUID, stored as binary of subtype 4; text is taken too. */
export function uuid(): z.ZodType<UUID, UUID | string> {
  return converted('uuid', 'a UUID', input => {
    if (input instanceof UUID) return input
    // Extended JSON gives the bytes without the name.
    if (input instanceof Binary) return input.sub_type === Binary.SUBTYPE_UUID ? uuidOf(input) : undefined
    return typeof input === 'string' ? uuidOf(input) : undefined
  }) as never
}

function uuidOf(input: string | Binary): UUID | undefined {
  const value = typeof input === 'string' ? input : input.value()
  return UUID.isValid(value) ? new UUID(value) : undefined
}

function converted(
  bson: NonNullable<Marks['bson']>,
  name: string,
  convert: (input: unknown) => unknown,
): z.core.SomeType {
  const definition = {
    type: 'transform' as const,
    transform: (input: unknown, payload: { issues: unknown[] }) => {
      const value = convert(input)
      if (value === undefined) payload.issues.push({ code: 'custom', message: `expected ${name}`, input, path: [] })
      return value
    },
    [MARKS]: { bson },
  }
  return new z.ZodTransform(definition as never)
}

/** Tells whether a value is the text of a decimal number. */
export function isDecimalText(input: unknown): boolean {
  return typeof input === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(input.trim())
}
