// References between models: the field that points at another model, and the small object that stands for it.
import { Long, ObjectId } from 'mongodb'
import * as z from 'zod'
import { GooseError } from '../errors.ts'
import type { FieldKind } from './field-kind.ts'
import type { Key, KeyedRef, Ref, Target } from './infer.ts'
import { isObjectId } from './plain.ts'

/** Marks a schema's definition as a reference; it survives every zod wrapper, as definitions are copied. */
export const REF: unique symbol = Symbol.for('goose.ref') as never

/** What a reference field knows about its target. */
export interface RefMark {
  readonly target: () => ReferenceTarget
  readonly by: string
}

/** The part of a model class that a reference needs: no more, so that models need no runtime. */
export interface ReferenceTarget {
  readonly modelName: string
  /** What the target stores; a class that stands in for one may have none. */
  readonly definition?: { readonly fieldByName: ReadonlyMap<string, KeyField> }
  get(id: unknown): Promise<unknown>
  findOne(filter: Record<string, unknown>): Promise<unknown>
}

/** What the field of a key says of the values it takes. */
interface KeyField {
  readonly kind: FieldKind
  readonly schema: z.core.SomeType
  readonly ref: RefMark | undefined
}

/** A zod schema of a reference: takes an id, hex text, a reference or a document and gives a reference. */
export interface ZodRef<F> extends z.ZodType<Ref<F>, Key> {
  readonly $ref: F
}

/** A zod schema of a reference by a key other than `_id`. */
export interface ZodKeyedRef<F, B extends string> extends z.ZodType<KeyedRef<F, B>, RefKeyInput<F, B>> {
  readonly $ref: F
  readonly $by: B
}

type RefKeyInput<F, B extends string> =
  | (Target<F> extends infer D ? (B extends keyof D ? D[B] : never) : never)
  | { readonly [K in B]: unknown }

/** Declares a reference to another model, stored as its id.
 *
 * ```ts
 * class Writer extends model('Writer', { name: z.string() }) {}
 * class Story extends model('Story', { title: z.string(), writer: ref(() => Writer) }) {}
 * ```
 */
// biome-ignore lint/complexity/noBannedTypes: a type without call signature keeps circular models from being resolved early.
export function ref<F extends Function>(target: F): ZodRef<F>
// biome-ignore lint/complexity/noBannedTypes: as above.
export function ref<F extends Function, const B extends string>(
  target: F,
  options: { readonly by: B },
): ZodKeyedRef<F, B>
// biome-ignore lint/complexity/noBannedTypes: as above.
export function ref(target: Function, options: { readonly by?: string } = {}): unknown {
  const mark: RefMark = { target: target as () => ReferenceTarget, by: options.by ?? '_id' }
  const definition = {
    type: 'transform' as const,
    transform: (input: unknown, payload: { issues: unknown[] }) => {
      const key = fittingKey(input, mark)
      if (key !== undefined && isTarget(input, mark)) return isLoadable(input) ? input : new Reference(mark, key)
      payload.issues.push({ code: 'custom', message: refusal(input, mark), input, path: [] })
      return input
    },
    [REF]: mark,
  }
  return new z.ZodTransform(definition as never)
}

/** Stands for a document that is not loaded: its key, and how to get it. */
export class Reference {
  readonly #mark: RefMark
  readonly #key: unknown
  declare readonly _id: unknown

  constructor(mark: RefMark, key: unknown) {
    this.#mark = mark
    this.#key = key
    if (mark.by === '_id') this._id = key
    else Object.defineProperty(this, mark.by, { value: key, enumerable: true })
  }

  load(): Promise<unknown> {
    const target = this.#mark.target()
    if (this.#mark.by === '_id') return target.get(this.#key)
    return target.findOne({ [this.#mark.by]: this.#key }).then(found => {
      if (found) return found
      throw new GooseError('DOCUMENT_NOT_FOUND', {
        model: target.modelName,
        id: `${this.#mark.by} ${String(this.#key)}`,
      })
    })
  }

  toBSON(): unknown {
    return this.#key
  }

  toJSON(): unknown {
    if (typeof this.#key === 'bigint' || this.#key instanceof Long) return String(this.#key)
    return this.#key instanceof ObjectId ? this.#key.toHexString() : this.#key
  }

  toString(): string {
    return String(this.toJSON())
  }

  [Symbol.for('nodejs.util.inspect.custom')](_depth: unknown, options: unknown, inspect: (...a: unknown[]) => string) {
    return `Ref(${inspect(this.toJSON(), options)})`
  }
}

/** Tells a reference that is not loaded from a document. */
export function isReference(value: unknown): value is Reference {
  return value instanceof Reference
}

/** Reads the stored key out of whatever a user may give for a reference; undefined when it is none. */
export function refKey(input: unknown, mark: RefMark): unknown {
  if (typeof input === 'string' && mark.by === '_id' && !keyField(mark)) return objectIdOf(input) ?? input
  return keyIn(input, mark)
}

/** Gives what is a key in whatever a user may give for a reference, in the type in which it was given. */
export function keyIn(input: unknown, { by }: Pick<RefMark, 'by'>): unknown {
  if (input === null || input === undefined) return undefined
  if (isReference(input)) return input.toBSON()
  if (input instanceof ObjectId || typeof input !== 'object') return input
  return by in input ? (field(input, by) ?? undefined) : scalar(input)
}

/** Gives the type of the keys that a reference stores. */
export function keyKind(mark: RefMark): FieldKind {
  const stored = keyField(mark)
  if (stored?.ref) return keyKind(stored.ref)
  return stored?.kind ?? (mark.by === '_id' ? 'objectId' : 'mixed')
}

/** Gives the ObjectId of hex text or of itself, also of another copy of the driver; undefined of all else. */
export function objectIdOf(input: unknown): ObjectId | undefined {
  if (isObjectId(input)) return input
  return typeof input === 'string' && /^[0-9a-f]{24}$/i.test(input) ? ObjectId.createFromHexString(input) : undefined
}

// A key of another type than the target's own would be stored, and never lead anywhere.
function fittingKey(input: unknown, mark: RefMark): unknown {
  const key = refKey(input, mark)
  // What was loaded is told of by `goose doctor`; it is no new value.
  if (key === undefined || isReference(input)) return key
  const stored = keyField(mark)
  if (!stored) return mark.by === '_id' ? objectIdOf(key) : key
  if (stored.kind === 'mixed') return objectIdOf(key) ?? key
  const parsed = parsedKey(stored, key)
  return isReference(parsed) ? parsed.toBSON() : parsed
}

function parsedKey({ schema }: KeyField, key: unknown): unknown {
  try {
    return z.safeParse(schema as z.core.$ZodType, key).data
  } catch (error) {
    // A schema that waits cannot be asked here.
    if (error instanceof z.core.$ZodAsyncError) return key
    throw error
  }
}

function keyField(mark: RefMark): KeyField | undefined {
  return (mark.target() as ReferenceTarget | undefined)?.definition?.fieldByName.get(mark.by)
}

function scalar(input: unknown): unknown {
  return typeof input === 'object' && input !== null && !('_bsontype' in input) && !(input instanceof Date)
    ? undefined
    : input
}

function field(input: object, name: string): unknown {
  return (input as Record<string, unknown>)[name]
}

function isLoadable(input: unknown): input is { load(): unknown } {
  return typeof input === 'object' && input !== null && 'load' in input && typeof input.load === 'function'
}

function isTarget(input: unknown, mark: RefMark): boolean {
  const model = modelOf(input)
  if (model === undefined || model === mark.target().modelName) return true
  return Object.prototype.isPrototypeOf.call(mark.target(), (input as object).constructor)
}

function modelOf(input: unknown): string | undefined {
  if (!isLoadable(input) || isReference(input)) return undefined
  return (input.constructor as Partial<ReferenceTarget>).modelName
}

function refusal(input: unknown, mark: RefMark): string {
  const name = mark.by === '_id' ? 'an id' : `a ${mark.by}`
  const model = modelOf(input)
  if (model !== undefined) return `expected ${mark.target().modelName}, got ${model}`
  const given = input === undefined || input === null ? '' : `, got ${typeof input}`
  return `expected ${name}, a reference or a document with ${mark.by}${given}`
}
